/* What a port is, for the files that make it work. */
#ifndef PYJ_PCM_PORT_H
#define PYJ_PCM_PORT_H

#include <stdatomic.h>

#include "lateness.h"
#include "pcm.h"
#include "pcm_speech.h"
#include "pcm_wait.h"
#include "ring.h"

struct pyj_pcm {
    pjmedia_port base;
    pj_pool_t *pool;
    _Atomic int refs;
    unsigned clock_rate, channel_count;
    pyj_serial_id id; /* slot and serial, also after it has left the bridge */
    pyj_ring out, in;

    _Atomic int paused;
    _Atomic int end_expected; /* what ends here is no underrun */
    _Atomic uint64_t complete_to; /* up to here nothing is waited for before it is played: the end, or a mark */
    size_t prefill;
    int flowing; /* the clock's own: the last frame was full */
    int primed;  /* ... what is there is played, however little */
    _Atomic int has_reader;
    _Atomic uint64_t cleared; /* of out.taken; the rest was played */
    _Atomic unsigned clears;  /* odd while the two move together */
    _Atomic uint64_t lost, frames, underruns, overruns;
    _Atomic uint64_t ticks, pulled_at; /* ticks when a frame was pulled last */
    _Atomic unsigned rms_out, peak_out, rms_in, peak_in;
    unsigned ptime;   /* of the bridge, ms */
    pyj_lateness lateness;
    int16_t *silence; /* of a frame */
    pyj_marks marks;
    pyj_speech speech;

    /* For those who wait: from where on they want to know, UINT64_MAX if nobody does. */
    _Atomic uint64_t wanted[PYJ_PCM_WHATS];
    _Atomic uint32_t moves; /* how often they were told, a futex */
    _Atomic uint32_t sleepers;
    _Atomic int asked; /* a loop waits too */
    _Atomic int ready; /* ... and is about to be told */
    pyj_pcm *next_ready;

    _Atomic int slot; /* -1 outside of the bridge */
    pyj_pcm *prev, *next;
};

/* Tells who waits for a ring that has moved. */
void pyj_pcm_moved(pyj_pcm *pcm);
/* ... whatever they wait for. */
void pyj_pcm_tell(pyj_pcm *pcm);

#endif
