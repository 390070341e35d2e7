/* Requests held back ahead of PJSIP's transaction layer, each until somebody knows what is to become of it.
 *
 * Where PJSIP answers and acts in one go, the request waits here and not there: a copy of it is kept, its retransmissions
 * are swallowed, a CANCEL ends it. Then the copy goes on to PJSIP as if it came now, or is refused. The list's lock is a
 * leaf: nothing is called under it. */
#ifndef PYJ_HELD_H
#define PYJ_HELD_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"
#include "events_decision.h"

typedef struct pyj_held {
    struct pyj_held *next;
    pjsip_rx_data *rdata;
    pyj_held_request kind;
    pyj_serial_id id;
    pyj_about about;
    int taken; /* by whoever deals with it now; it still swallows retransmissions */
} pyj_held;

void pyj_held_open(void);

/* Whether PJSIP has a transaction for this request already: it is a retransmission. */
int pyj_has_transaction(pjsip_rx_data *rdata);

/* A request as it comes in: whether it is one that is held already, or the CANCEL of one, and so is dealt with. */
int pyj_held_again(pjsip_rx_data *rdata);
/* Keeps a copy. NULL where that cannot be; then the request is still the caller's. */
pyj_held *pyj_held_add(pjsip_rx_data *rdata, pyj_held_request kind, const pyj_about *about);
unsigned pyj_held_count(pyj_held_request kind);
int pyj_held_any(void);

typedef int (*pyj_held_match)(const pyj_held *one, const void *what);
/* The first that matches and nobody deals with; it is the caller's until one of the three below. */
pyj_held *pyj_held_take(pyj_held_match wanted, const void *what);
unsigned pyj_held_count_of(pyj_held_match wanted, const void *what);
/* Gives it to PJSIP, in this thread, and forgets it. */
void pyj_held_go_on(pyj_held *one);
pj_status_t pyj_held_refuse(pyj_held *one, int code, const pj_str_t *text, const pjsip_hdr *hdr_list);
void pyj_held_put_back(pyj_held *one);
void pyj_held_forget(pyj_held *one);

/* Before we say goodbye: nothing is held any more, since nobody could decide. */
void pyj_held_shut(void);
/* Before the library goes: all that nobody deals with are forgotten. */
void pyj_held_close(void);

#endif
