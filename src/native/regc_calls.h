/* Compiled ahead of PJSIP's pjsua_acc.c (gcc -include). pjsua lets go of its lock to send a REGISTER, and says
 * that one was begun when it has it again: the answer may have been told by then. This is where the sending
 * shows, with what pjsua_acc_set_registration() names around its only call of pjsip_regc_send(). */
#ifndef PYJ_REGC_CALLS_H
#define PYJ_REGC_CALLS_H

#include <pjsua-lib/pjsua.h>

/* Weak: programs of C are linked with the same PJSIP. */
pj_status_t pyj_reg_send(pjsua_acc_id id, int renew, pjsip_regc *regc, pjsip_tx_data *tdata) __attribute__((weak));

#define pjsip_regc_send(regc, tdata) \
    (pyj_reg_send ? pyj_reg_send(acc_id, renew, regc, tdata) : pjsip_regc_send(regc, tdata))

#endif
