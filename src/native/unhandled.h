/* Requests nobody has handled: pjsua leaves them unanswered, and who sent one repeats it for 32 seconds. */
#ifndef PYJ_UNHANDLED_H
#define PYJ_UNHANDLED_H

#include <pjsip.h>

/* As a module's on_rx_request, behind all others. */
pj_bool_t pyj_unhandled_answer(pjsip_rx_data *rdata);

#endif
