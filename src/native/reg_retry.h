/* When a REGISTER that failed is tried again. */
#ifndef PYJ_REG_RETRY_H
#define PYJ_REG_RETRY_H

#include <pjsua-lib/pjsua.h>

/* For on_reg_state2: ms until the account registers again, -1 if it does not. With the policy the time grows with
 * each failure and is no shorter than a Retry-After; else it is pjsua's. */
long pyj_reg_retry(pjsua_acc_id id, const pjsip_rx_data *rdata);

#endif
