/* Two ports of the bridge heard as two channels, aligned to the sample.
 *
 * The bridge hands each of its ports one frame a tick, all with the timestamp of the tick: a left and a right
 * frame belong together when their timestamps are the same, and what has no other half is not heard. The ports
 * have the bridge's own rate, so nothing is resampled or held back on the way. */
#ifndef PYJ_STEREO_H
#define PYJ_STEREO_H

#include <stddef.h>
#include <stdint.h>

#include <pjsua-lib/pjsua.h>

typedef struct pyj_stereo pyj_stereo;

typedef struct pyj_stereo_stats {
    uint64_t received; /* pairs of samples mixed by the bridge */
    uint64_t read;     /* ... given to the reader */
    uint64_t lost;     /* ... dropped, the oldest, for newer ones */
} pyj_stereo_stats;

/* NULL when there is no memory. One reference. */
pyj_stereo *pyj_stereo_new(void);
void pyj_stereo_unref(pyj_stereo *stereo);

/* Into the bridge, left and right, with `read_behind_ms` kept to be read; and out of it. Both enter through the
 * gate; once each. */
pj_status_t pyj_stereo_attach(pyj_stereo *stereo, unsigned read_behind_ms, uint64_t serial, int slots[2]);
void pyj_stereo_detach(pyj_stereo *stereo);
/* All that are still in it, for destroy. */
void pyj_stereo_detach_all(void);

unsigned pyj_stereo_clock_rate(const pyj_stereo *stereo);
/* Up to `count` pairs of samples, left first, without waiting. One reader at a time. */
size_t pyj_stereo_read(pyj_stereo *stereo, int16_t *samples, size_t count);
size_t pyj_stereo_readable(const pyj_stereo *stereo);
void pyj_stereo_get_stats(const pyj_stereo *stereo, pyj_stereo_stats *stats);

#endif
