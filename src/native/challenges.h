/* 401 and 407 that wait for the program's answer. */
#ifndef PYJ_CHALLENGES_H
#define PYJ_CHALLENGES_H

#include <pjsua-lib/pjsua.h>

#include "emit.h"

/* Keeps a challenge for later; its number, or 0 where it must be answered now: also once the library is going. */
int pyj_challenge_defer(pjsua_on_auth_challenge_param *param, const pyj_about *about);
/* Sends the request again with these credentials, the account's own where there are none. */
pj_status_t pyj_challenge_respond(int number, unsigned count, const pjsip_cred_info *creds);
pj_status_t pyj_challenge_abandon(int number);

/* The call is over or is being hung up; its dialog is held. */
void pyj_challenges_call_ended(pjsua_call_id id);
/* Abandons those of an account, of every account for -1, that belong to no call. */
void pyj_challenges_acc_ended(pjsua_acc_id id);

void pyj_challenges_open(void);
/* Before we say goodbye: abandons those of all accounts, and what we are asked from now on is answered at once. */
void pyj_challenges_close(void);
/* Once PJSIP's threads have stopped: nothing waits any more. */
void pyj_challenges_drop(void);

#endif
