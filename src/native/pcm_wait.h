/* Waiting for a port: a thread sleeps in pyj_pcm_wait, a loop asks with pyj_pcm_ask and is woken by a descriptor. */
#ifndef PYJ_PCM_WAIT_H
#define PYJ_PCM_WAIT_H

#include <stdint.h>

#include "pcm.h"

/* Room for `count`, `count` to be read, the sample at place `count` of all that were written played or cleared, so often
 * somebody began or ceased to speak. */
typedef enum pyj_pcm_what { PYJ_PCM_ROOM, PYJ_PCM_READABLE, PYJ_PCM_PLAYED, PYJ_PCM_SPEECH } pyj_pcm_what;
enum { PYJ_PCM_WHATS = 4 };

enum { PYJ_PCM_GONE = -1, PYJ_PCM_NO_CLOCK = -2, PYJ_PCM_UNHEARD = -3 };

/* What a wait has seen of the clock so far. */
typedef struct pyj_pcm_patience {
    uint64_t ticks;  /* of the port, when it began */
    uint64_t seen;   /* of the bridge, at the last look */
    unsigned looks;  /* since they rose */
} pyj_pcm_patience;

void pyj_pcm_wait_begin(const pyj_pcm *pcm, pyj_pcm_patience *patience);
/* 1 once it is so, 0 after `timeout_ms`; or why it will not be: the port has left the bridge, the clock stood still at
 * ten looks of PYJ_PCM_LOOK_MS, or nobody has listened for a second of the clock's (PYJ_PCM_PLAYED only). */
int pyj_pcm_wait(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count, int timeout_ms, pyj_pcm_patience *patience);

enum { PYJ_PCM_LOOK_MS = 200, PYJ_PCM_LOOKS = 10, PYJ_PCM_UNHEARD_MS = 1000 };

/* Has the port named by pyj_pcm_ready once it is so, or has left the bridge: once, unless it is so already (1). */
int pyj_pcm_ask(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count);
/* Readable while ports wait to be named; -1, and errno, if there is none to be had. */
int pyj_pcm_ready_fd(void);
/* Takes all the ports that are to be named, a list through pyj_pcm_next_ready; the taker gives back a reference to
 * each. */
pyj_pcm *pyj_pcm_ready(void);
/* The serial of one of them, and the next. */
pyj_pcm *pyj_pcm_next_ready(pyj_pcm *pcm, int *slot, uint64_t *serial);

#endif
