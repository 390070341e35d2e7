#include "reg_retry.h"

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"

enum { LONGEST_RETRY_AFTER = 3600 };

static long jitter(long delay, long spread)
{
    return spread > 0 ? delay - spread + pj_rand() % (2 * spread) : delay;
}

/* As in schedule_reregistration(), which keeps what it has rolled to itself. */
static long fixed(const pjsua_acc *acc)
{
    long delay = 1000L * (acc->auto_rereg.attempt_cnt ? acc->cfg.reg_retry_interval : acc->cfg.reg_first_retry_interval);
    long spread = 1000L * acc->cfg.reg_retry_random_interval;

    if (delay >= spread)
        return jitter(delay, spread);
    return pj_rand() % spread;
}

static long growing(const pjsua_acc *acc, const pjsip_rx_data *rdata)
{
    long longest = 1000L * acc->cfg.reg_retry_interval;
    long delay = 1000L * (acc->cfg.reg_first_retry_interval ? acc->cfg.reg_first_retry_interval : 1);
    const pjsip_retry_after_hdr *after = NULL;
    long asked;

    for (unsigned i = 0; i < acc->auto_rereg.attempt_cnt && delay < longest; i++)
        delay *= 2;
    delay = PJ_MIN(delay, longest);
    delay = jitter(delay, PJ_MIN(1000L * acc->cfg.reg_retry_random_interval, delay / 2));
    if (rdata)
        after = pjsip_msg_find_hdr(rdata->msg_info.msg, PJSIP_H_RETRY_AFTER, NULL);
    asked = after ? 1000L * PJ_MIN(PJ_MAX(after->ivalue, 0), LONGEST_RETRY_AFTER) : 0;
    return PJ_MAX(delay, asked);
}

long pyj_reg_retry(pjsua_acc_id id, const pjsip_rx_data *rdata)
{
    pjsua_acc *acc = &pjsua_var.acc[id];
    pj_time_val delay = {0, 0};
    long ms;

    if (!acc->auto_rereg.active || !acc->auto_rereg.timer.id)
        return -1;
    ms = pyj_policies.reg_backoff ? growing(acc, rdata) : fixed(acc);
    delay.msec = ms;
    pj_time_val_normalize(&delay);
    acc->auto_rereg.timer.id = PJ_FALSE;
    pjsua_cancel_timer(&acc->auto_rereg.timer);
    acc->auto_rereg.timer.id = PJ_TRUE;
    if (pjsua_schedule_timer(&acc->auto_rereg.timer, &delay) != PJ_SUCCESS) {
        acc->auto_rereg.timer.id = PJ_FALSE;
        return -1;
    }
    return ms;
}
