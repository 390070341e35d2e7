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

#include "events_pcm.h"
#include "pcm_marks.h"

typedef struct pyj_pcm pyj_pcm;

/* Rings of so many samples per channel; NULL when there is no memory. One reference. With `prefill` what is written
 * is played, at first and after an underrun, only once so much is queued, or its end is expected. */
pyj_pcm *pyj_pcm_new(unsigned clock_rate, unsigned channel_count, size_t write_ahead, size_t read_behind,
                     size_t prefill);
void pyj_pcm_ref(pyj_pcm *pcm);
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

/* Marks the end of what has been written so far: the mark's number, 0 if there are too many, -1 if there is no memory,
 * -2 if the port has left the bridge. `place`, if not NULL, gets where that is. */
int64_t pyj_pcm_mark(pyj_pcm *pcm, const char *name, size_t name_size, int keep, uint64_t *place);
/* The oldest mark that was told and kept; 0 if there is none. */
int pyj_pcm_collect(pyj_pcm *pcm, pyj_mark *mark);

/* Looks from the next frame on for `begin` samples per channel of at least this root mean square, and for `end` samples of
 * less; a level of 0 looks for nothing. */
void pyj_pcm_detect_speech(pyj_pcm *pcm, unsigned level, uint64_t begin, uint64_t end);
/* How often somebody began or ceased to speak, odd while somebody speaks, and where in what was heard that was last. */
uint64_t pyj_pcm_speech_edges(const pyj_pcm *pcm, uint64_t *place);

void pyj_pcm_get_stats(const pyj_pcm *pcm, pyj_pcm_stats *stats);

/* Ports made, and ports the bridge was done with, since the process began. */
void pyj_pcm_census(uint64_t *made, uint64_t *destroyed);
/* Ticks of the bridge's clock that any port has seen. */
uint64_t pyj_pcm_ticks(void);

#endif
