/* Registrations whose account is deleted and whose unregistration has no final answer yet: 401 asks for it a second
 * time, and who destroys the library before sends no second one. The lower half is compiled ahead of PJSIP's
 * sip_reg.c (gcc -include), where the end of one shows, with what pjsip_regc_destroy2() names around its only call
 * of pjsip_endpt_release_pool(). */
#ifndef PYJ_REGC_LEAVING_H
#define PYJ_REGC_LEAVING_H

#include <pjsip.h>
#include <pjsip_ua.h>

/* While it cannot be destroyed; more than PJSUA_MAX_ACC at once are not counted. */
void pyj_regc_leave(pjsip_regc *regc);
unsigned pyj_regc_leaving(void);
void pyj_regc_leaving_reset(void);

/* Weak: programs of C are linked with the same PJSIP. */
void pyj_regc_gone(pjsip_regc *regc) __attribute__((weak));

#ifdef PYJ_SIP_REG
#define pjsip_endpt_release_pool(endpt, pool) \
    do { \
        if (pyj_regc_gone) \
            pyj_regc_gone(regc); \
        pjsip_endpt_release_pool(endpt, pool); \
    } while (0)
#endif

#endif
