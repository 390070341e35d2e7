/* MESSAGEs the program answers itself: the accounts with `auto_repond_sip_message` off. */
#ifndef PYJ_IM_ANSWERS_H
#define PYJ_IM_ANSWERS_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* Before the library is there. */
void pyj_im_answers_open(void);

/* From on_pager2. Whether this MESSAGE has not been answered yet, and waits for somebody to. */
int pyj_im_unanswered(pjsua_call_id call_id, pjsip_rx_data *rdata);
/* Keeps it until it is answered, and no longer than `later_ms`; {-1, 0} when it cannot be kept, and was refused. */
pyj_serial_id pyj_im_keep(pjsip_rx_data *rdata, pjsua_acc_id acc_id);
/* Nobody listens: 480. */
void pyj_im_refuse(pjsip_rx_data *rdata);

/* pjsua_acc_send_response. PYJ_ESTALE if it was answered, or is another account's. */
pj_status_t pyj_acc_send_response(pjsua_acc_id acc_id, int id, uint64_t serial, int code, const pj_str_t *text,
                                  const pjsua_msg_data *msg_data);

/* Refuses with 480 what waits for an account's answer. */
void pyj_im_acc_ended(pjsua_acc_id acc_id);
/* Before we say goodbye: refuses what waits for anybody's, if something may be sent, and from then on what comes. */
void pyj_im_answers_close(int may_send);

/* Whether an answer with these headers fits a packet: PJSIP lets go of one that does not once more than it may. */
pj_status_t pyj_response_fits(pjsip_rx_data *rdata, int code, const pj_str_t *text, const pjsua_msg_data *msg_data);

#endif
