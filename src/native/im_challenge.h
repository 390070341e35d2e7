/* A MESSAGE whose credentials are refused. */
#ifndef PYJ_IM_CHALLENGE_H
#define PYJ_IM_CHALLENGE_H

#include <pjsua-lib/pjsua.h>

/* For on_auth_challenge: pjsua answers each challenge of a MESSAGE in a session of its own, which forgets that the one
 * before was answered with the same credentials; a server that gives each challenge a nonce of its own, as most do,
 * would be asked thousands of times a second, for ever. */
void pyj_im_challenge(const pjsua_on_auth_challenge_param *param);

#endif
