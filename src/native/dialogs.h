/* Whose a message on the wire is: the dialogs of our calls, by Call-ID and our own tag.
 *
 * Only what somebody asked for is noted: headers to be added, messages to be shown. The table's lock is a leaf:
 * nothing is called under it. A dialog is forgotten when PJSIP destroys it, since a BYE and its answer cross the
 * wire after pjsua has told the call's end. */
#ifndef PYJ_DIALOGS_H
#define PYJ_DIALOGS_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"

struct pyj_rule;

typedef struct pyj_dialog {
    struct pyj_dialog *next;
    uint64_t mark; /* what the group lock's handler knows it by */
    pyj_about about;
    struct pyj_rule *rules; /* headers its messages get, tx_headers.c's */
    int held_requests;      /* which wait, besides those of the policy */
    pj_str_t call_id, local_tag, remote_tag; /* in the same block */
} pyj_dialog;

/* What a message says of its dialog, pointers into the message. */
typedef struct pyj_place {
    int is_request;
    int code;           /* 0 of a request */
    pj_str_t method;    /* of a response, the one it answers */
    pj_str_t call_id;
    pj_str_t local_tag; /* empty before there is one */
    pj_str_t remote_tag;
    const pjsip_uri *local_uri;
} pyj_place;

/* 0 for a message that lacks what every message has. */
int pyj_place_of(const pjsip_msg *msg, int sent, pyj_place *out);

void pyj_dialogs_lock(void);
void pyj_dialogs_unlock(void);
/* NULL for none. The table is locked, and the dialog good until it is not. */
pyj_dialog *pyj_dialog_find(const pyj_place *place);

/* Notes the dialog of a call, whose lock is held; PJ_EINVALIDOP where it has none yet, PJ_ENOMEM. */
pj_status_t pyj_dialog_note(pjsua_call_id id);
/* The same, with the table locked and the dialog found. */
pj_status_t pyj_dialog_noted(pjsua_call_id id, pyj_dialog **out);
/* Which of its requests wait, besides those of the policy: flags of pyj_held_request. Its lock is held. */
pj_status_t pyj_dialog_hold_requests(pjsua_call_id id, int which);
/* For callbacks of a call: notes its dialog if messages of calls are of interest at all. */
void pyj_dialog_met(pjsua_call_id id);

/* After the library has gone. */
void pyj_dialogs_clear(void);

#endif
