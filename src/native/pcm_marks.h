/* Places in what was written, told once each: played, cleared, or the port closed before.
 *
 * Guarded by a flag the media clock only tries: if somebody has it, the next tick tells. */
#ifndef PYJ_PCM_MARKS_H
#define PYJ_PCM_MARKS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "events_pcm.h"

enum { PYJ_MARK_NAME = 64, PYJ_MARK_COUNT = 64 };

typedef struct pyj_mark {
    uint64_t place;
    uint64_t number;
    uint64_t time_ns;
    double played_ms;
    int outcome;
    int keep;
    unsigned name_size;
    char name[PYJ_MARK_NAME];
} pyj_mark;

typedef struct pyj_marks {
    atomic_flag busy;
    _Atomic unsigned waiting;
    _Atomic unsigned kept; /* told, to be collected */
    pyj_mark *cells; /* PYJ_MARK_COUNT of them, made with the first mark */
    uint64_t put, told, collected;
} pyj_marks;

int pyj_marks_try(pyj_marks *marks);
void pyj_marks_lock(pyj_marks *marks);
void pyj_marks_unlock(pyj_marks *marks);

/* The others want it locked. */

/* The number of the new mark, 0 if there are too many, -1 if there is no memory. With `keep` it stays until it is
 * collected. */
int64_t pyj_marks_put(pyj_marks *marks, uint64_t place, const char *name, size_t name_size, int keep);
/* Tells those up to this place; `port` and `rate` are for the event, `played` is how much was when `taken` was
 * reached. How many of them are kept. */
unsigned pyj_marks_tell(pyj_marks *marks, uint64_t up_to, pyj_mark_outcome outcome, pyj_serial_id port, unsigned rate,
                        uint64_t played, uint64_t taken);
/* The oldest that was told and kept; 0 if there is none. */
int pyj_marks_collect(pyj_marks *marks, pyj_mark *out);

#endif
