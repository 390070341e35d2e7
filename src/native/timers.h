/* Timers whose expiry is an event. */
#ifndef PYJ_TIMERS_H
#define PYJ_TIMERS_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "structs.h"

enum { PYJ_MAX_TIMERS = 1 << 20 };

pj_status_t pyj_timer_schedule(const pj_time_val *delay, unsigned long token, pyj_serial_id *id);

/* Whether it was stopped before it expired; serial 0: whichever is in the slot. */
int pyj_timer_cancel(int slot, uint64_t serial, unsigned long *token);

/* After the library has gone: nothing will expire any more. */
void pyj_timers_clear(void);

#endif
