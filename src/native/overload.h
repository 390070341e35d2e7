/* Calls refused before they cost anything: too many at once that nobody has answered yet, or a library about to rest.
 *
 * pjsua's on_incoming_call is too late for that: a slot, a dialog and sockets are taken by then. */
#ifndef PYJ_OVERLOAD_H
#define PYJ_OVERLOAD_H

#include <pjsua-lib/pjsua.h>

typedef struct pyj_admission {
    int max_pending;   /* 0 for no limit */
    int retry_after;   /* seconds, of both */
    int draining;      /* the code new calls are refused with, 0 while they are not */
    unsigned pending;  /* calls that came in and have been neither answered nor ended */
    unsigned long refused_pending; /* repetitions not counted */
    unsigned long refused_draining;
} pyj_admission;

void pyj_admission_open(void);
/* A request as it comes in, not one that is held: whether it was refused. */
int pyj_admission_refuse(pjsip_rx_data *rdata);
/* Within on_incoming_call, and on_call_state. */
void pyj_admission_came(pjsua_call_id id);
void pyj_admission_changed(pjsua_call_id id, int ended);

void pyj_admission_limit(int max_pending, int retry_after);
void pyj_admission_drain(int code, int retry_after);
void pyj_admission_get(pyj_admission *out);

#endif
