/* Whether somebody speaks in what a port hears: a level, and how long it was passed or missed. */
#ifndef PYJ_PCM_SPEECH_H
#define PYJ_PCM_SPEECH_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "ids.h"

typedef struct pyj_speech {
    /* Set by any thread, in force from the next frame on. */
    _Atomic unsigned level; /* root mean square of a frame that counts as loud, 0 while nothing is looked for */
    _Atomic uint64_t begin, end; /* samples of it, and of less, that make a beginning and an end */
    _Atomic unsigned settings;   /* how often they were set */

    /* The clock's own. */
    unsigned seen_settings;
    uint64_t loud, loud_from, quiet, quiet_from;

    /* What it found: odd while somebody speaks, and the place in what was heard where that began or ended. */
    _Atomic uint64_t edges, place;
} pyj_speech;

void pyj_speech_set(pyj_speech *speech, unsigned level, uint64_t begin, uint64_t end);

/* A frame of so many samples that was heard at a place: 1 if somebody began or ceased to speak, and tells the event. */
int pyj_speech_heard(pyj_speech *speech, unsigned rms, uint64_t place, size_t count, pyj_serial_id port, unsigned rate);

/* How often somebody began or ceased to speak; odd while somebody speaks. */
uint64_t pyj_speech_edges(const pyj_speech *speech);

#endif
