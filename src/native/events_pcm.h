/* What a port of ours tells; pcm.h has what it does. */
#ifndef PYJ_EVENTS_PCM_H
#define PYJ_EVENTS_PCM_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

typedef enum pyj_mark_outcome { PYJ_MARK_PLAYED, PYJ_MARK_CLEARED, PYJ_MARK_CLOSED } pyj_mark_outcome;

typedef struct pyj_on_pcm_mark {
    pyj_serial_id port;
    pj_str_t name;
    int outcome;
    double played_ms;
} pyj_on_pcm_mark;

typedef struct pyj_pcm_mark_info {
    unsigned long number;
    pj_str_t name;
    int outcome;
    double played_ms;
    double when;
} pyj_pcm_mark_info;

typedef struct pyj_on_pcm_speech {
    pyj_serial_id port;
    int speaking;
    double heard_ms;
} pyj_on_pcm_speech;

/* Samples are counted per channel. */
typedef struct pyj_pcm_stats {
    unsigned long written;   /* taken from the writer */
    unsigned long played;    /* pulled by the bridge */
    unsigned long cleared;   /* dropped by pyj_pcm_clear */
    unsigned long received;  /* mixed by the bridge */
    unsigned long read;      /* given to the reader */
    unsigned long lost;      /* dropped, the oldest, for newer ones, or by pyj_pcm_skip */
    unsigned long frames;    /* pulled */
    unsigned long underruns; /* frames that had to be filled up with silence in the middle of what was written */
    unsigned long overruns;  /* frames that found no room, since the first read */
    double clock_ms;         /* how long the bridge's clock has run with it */
    double unheard_ms;       /* ... since a frame was pulled */
    double level_out, peak_out, level_in, peak_in; /* of the last frames, 1 is full scale */
    double late_p50_ms, late_p99_ms, late_max_ms;  /* of the clock's ticks */
} pyj_pcm_stats;

#endif
