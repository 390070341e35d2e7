/* Subscriptions in dialogs pjsua knows nothing of, by id: ours to others, and others' to us. */
#ifndef PYJ_EVSUBS_H
#define PYJ_EVSUBS_H

#include <pthread.h>
#include <stdint.h>

#include <pjsip-simple/evsub.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "emit.h"
#include "structs.h"

/* What both kinds begin with; made with malloc, and freed with its dialog held. */
typedef struct pyj_evsub {
    int id;
    uint64_t serial;
    pyj_about about;
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
    int ending; /* its end was asked for */
} pyj_evsub;

/* The mutex is a leaf: nothing is waited for under it. */
typedef struct pyj_evsubs {
    pthread_mutex_t mutex;
    pyj_evsub **entries;
    int count;
    unsigned live;
} pyj_evsubs;

#define PYJ_EVSUBS {PTHREAD_MUTEX_INITIALIZER, NULL, 0, 0}

pj_status_t pyj_evsubs_add(pyj_evsubs *all, pyj_evsub *one);
void pyj_evsubs_forget(pyj_evsubs *all, pyj_evsub *one);
unsigned pyj_evsubs_live(pyj_evsubs *all);

/* One with its dialog held. */
typedef struct pyj_evsub_held {
    pyj_evsub *one;
    pjsip_evsub *sub;
    pjsip_dialog *dlg;
} pyj_evsub_held;

/* PYJ_ESTALE where it has ended; serial 0: whichever is there. */
pj_status_t pyj_evsubs_hold(pyj_evsubs *all, int id, uint64_t serial, pyj_evsub_held *held);
void pyj_evsub_let_go(const pyj_evsub_held *held);

/* The first from *id on whose end was not asked for, of an account, or of any with acc_serial 0; 0 for no more. */
int pyj_evsubs_next(pyj_evsubs *all, uint64_t acc_serial, int *id, uint64_t *serial);
/* Ends what is left without a message. Nobody is inside any more. */
void pyj_evsubs_close(pyj_evsubs *all);

pyj_serial_id pyj_evsub_id(const pyj_evsub *one);

/* With PJSUA_LOCK: has PJSIP know an event package. */
pj_status_t pyj_evsub_know_package(const pj_str_t *event);
/* With PJSUA_LOCK: Via, transport and credentials of a dialog as pjsua's own subscriptions have them. */
void pyj_evsub_set_up_dialog(const pjsua_acc *acc, pjsip_dialog *dlg, const pj_str_t *uri);

pj_status_t pyj_evsubs_register(pjsip_endpoint *endpt);
/* Whose data of a pjsip_evsub is ours. */
unsigned pyj_evsub_module(void);

#endif
