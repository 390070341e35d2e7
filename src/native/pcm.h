/* Audio between Python and the conference bridge: a port with a ring of samples each way.
 *
 * The bridge pulls what was written and leaves what it mixes, on its clock, without a lock and without
 * Python; the other side copies in bulk. The memory is counted: the bridge holds one reference until it
 * is done with the port (`on_destroy`, which may run on the clock), the owner the other. */
#ifndef PYJ_PCM_H
#define PYJ_PCM_H

#include <stddef.h>
#include <stdint.h>

#include <pjsua-lib/pjsua.h>

typedef struct pyj_pcm pyj_pcm;

typedef struct pyj_pcm_stats {
    uint64_t written;   /* samples per channel taken from the writer */
    uint64_t played;    /* ... pulled by the bridge */
    uint64_t cleared;   /* ... dropped by pyj_pcm_clear */
    uint64_t received;  /* ... mixed by the bridge */
    uint64_t read;      /* ... given to the reader */
    uint64_t lost;      /* ... dropped, the oldest, for newer ones, or by pyj_pcm_skip */
    uint64_t frames;    /* pulled */
    uint64_t underruns; /* frames that had to be filled up with silence in the middle of what was written */
    uint64_t overruns;  /* frames that found no room, since the first read */
} pyj_pcm_stats;

/* Rings of so many samples per channel; NULL when there is no memory. One reference. */
pyj_pcm *pyj_pcm_new(unsigned clock_rate, unsigned channel_count, size_t write_ahead, size_t read_behind);
void pyj_pcm_unref(pyj_pcm *pcm);

/* Into the bridge, and out of it. Both enter through the gate; once per port. */
pj_status_t pyj_pcm_attach(pyj_pcm *pcm, uint64_t serial, int *slot);
pj_status_t pyj_pcm_detach(pyj_pcm *pcm);
/* All that are still in it, for destroy: the bridge takes their memory along. */
void pyj_pcm_detach_all(void);

/* As many samples per channel as fit, or are there, without waiting. One writer and one reader at a time each. */
size_t pyj_pcm_write(pyj_pcm *pcm, const int16_t *samples, size_t count);
size_t pyj_pcm_read(pyj_pcm *pcm, int16_t *samples, size_t count);

size_t pyj_pcm_queued(const pyj_pcm *pcm);   /* written, neither played nor cleared */
size_t pyj_pcm_readable(const pyj_pcm *pcm);
size_t pyj_pcm_room(const pyj_pcm *pcm);

/* Drops what is queued, and says how much that was: not one sample of it is played afterwards. */
size_t pyj_pcm_clear(pyj_pcm *pcm);
/* Drops what is there to read, and says how much that was. */
size_t pyj_pcm_skip(pyj_pcm *pcm);
void pyj_pcm_pause(pyj_pcm *pcm, int paused);
/* The end of what was written is an end, not an underrun. */
void pyj_pcm_expect_end(pyj_pcm *pcm);

typedef enum pyj_pcm_what { PYJ_PCM_ROOM, PYJ_PCM_READABLE, PYJ_PCM_PLAYED } pyj_pcm_what;

/* Waits until there is room for `count`, `count` can be read, or the sample at place `count` of all that were
 * written has been played or cleared; 1 if so, 0 after `timeout_ms` (-1: none), -1 if the port has left the
 * bridge meanwhile. */
int pyj_pcm_wait(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count, int timeout_ms);

void pyj_pcm_get_stats(const pyj_pcm *pcm, pyj_pcm_stats *stats);

/* Ports made, and ports the bridge was done with, since the process began. */
void pyj_pcm_census(uint64_t *made, uint64_t *destroyed);

#endif
