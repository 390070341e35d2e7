#include "regc_leaving.h"

#include <stdatomic.h>

#include <pjsua-lib/pjsua.h>

static pjsip_regc *_Atomic leaving[PJSUA_MAX_ACC];

void pyj_regc_leave(pjsip_regc *regc)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(leaving); i++) {
        pjsip_regc *none = NULL;

        if (atomic_compare_exchange_strong(&leaving[i], &none, regc))
            return;
    }
}

void pyj_regc_gone(pjsip_regc *regc)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(leaving); i++) {
        pjsip_regc *gone = regc;

        if (atomic_compare_exchange_strong(&leaving[i], &gone, NULL))
            return;
    }
}

unsigned pyj_regc_leaving(void)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(leaving); i++)
        count += atomic_load(&leaving[i]) != NULL;
    return count;
}

void pyj_regc_leaving_reset(void)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(leaving); i++)
        atomic_store(&leaving[i], NULL);
}
