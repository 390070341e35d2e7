/* What accounts are asked and told where pjsua's own function wants a lock around it or memory of its own. */
#ifndef PYJ_ACCOUNT_H
#define PYJ_ACCOUNT_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

#include "ids.h"
#include "structs.h"

/* pjsua_acc_enum_info, each packed into a block of its own. */
unsigned pyj_acc_pack_infos(const pyj_struct *shape, void *blocks[PJSUA_MAX_ACC], uint64_t serials[PJSUA_MAX_ACC]);

/* The text is put into buf. */
pj_status_t pyj_acc_create_uac_contact(pjsua_acc_id id, const pj_str_t *uri, char *buf, pj_size_t size,
                                       pj_str_t *contact);

#endif
