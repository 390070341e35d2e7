#include "account.h"

#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

unsigned pyj_acc_pack_infos(const pyj_struct *shape, void *blocks[PJSUA_MAX_ACC], uint64_t serials[PJSUA_MAX_ACC])
{
    unsigned count = 0;

    PJSUA_LOCK();
    for (int i = 0; i < PJSUA_MAX_ACC; i++) {
        if (!pjsua_var.acc[i].valid || pyj_acc_pack_info(i, shape, &blocks[count]) != PJ_SUCCESS)
            continue;
        serials[count++] = pyj_acc_serial(i);
    }
    PJSUA_UNLOCK();
    return count;
}

pj_status_t pyj_acc_create_uac_contact(pjsua_acc_id id, const pj_str_t *uri, char *buf, pj_size_t size,
                                       pj_str_t *contact)
{
    pj_pool_t *pool = pjsua_pool_create("contact%p", 1000, 1000);
    pj_status_t status;
    pj_str_t made = {NULL, 0};

    if (!pool)
        return PJ_ENOMEM;
    status = pjsua_acc_create_uac_contact(pool, &made, id, uri);
    if (status == PJ_SUCCESS && (pj_size_t)made.slen > size)
        status = PJ_ETOOSMALL;
    if (status == PJ_SUCCESS) {
        memcpy(buf, made.ptr, (size_t)made.slen);
        contact->ptr = buf;
        contact->slen = made.slen;
    }
    pj_pool_release(pool);
    return status;
}
