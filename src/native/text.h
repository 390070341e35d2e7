/* Real-time text. */
#ifndef PYJ_TEXT_H
#define PYJ_TEXT_H

#include <pjsua-lib/pjsua.h>

/* pjsua_call_send_text for a call that is entered. PJMEDIA's packet has room for the text of one interval but not
 * for the two before it that go along: more than a few characters at once, and none would be sent ever after. */
pj_status_t pyj_call_send_text(pjsua_call_id id, const pjsua_call_send_text_param *param);

#endif
