/* Tone generators: ports of the conference bridge that tell when they have come to the end. */
#ifndef PYJ_TONE_H
#define PYJ_TONE_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

/* pjmedia_tone_digit_map, whose entries have no name. */
typedef struct pyj_digit_map {
    unsigned count;
    char digits[16];
    short freq1[16];
    short freq2[16];
} pyj_digit_map;

/* Into the bridge; clock_rate 0 is the bridge's own. Its id is its slot. */
pj_status_t pyj_tonegen_create(unsigned clock_rate, unsigned channel_count, unsigned options, uint64_t serial,
                               int *id);
/* Of one that is entered. */
pj_status_t pyj_tonegen_play(int id, unsigned count, const pjmedia_tone_desc *tones, unsigned options);
pj_status_t pyj_tonegen_play_digits(int id, unsigned count, const pjmedia_tone_digit *digits, unsigned options);
pj_status_t pyj_tonegen_stop(int id);
pj_status_t pyj_tonegen_stop_loop(int id);
pj_status_t pyj_tonegen_rewind(int id);
int pyj_tonegen_is_busy(int id);
void pyj_tonegen_get_digit_map(int id, pyj_digit_map *map);
pj_status_t pyj_tonegen_set_digit_map(int id, const pyj_digit_map *map);
/* Of one that nobody else has entered. */
void pyj_tonegen_destroy(int id);
/* All that are still there, before the library goes. */
void pyj_tonegens_destroy(void);

/* How many were made, and how many the bridge was done with, since the process began. */
void pyj_tonegen_census(uint64_t *made, uint64_t *destroyed);

#endif
