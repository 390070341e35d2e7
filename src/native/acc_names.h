/* Accounts by their own URIs, for what only tells whose a message is: no lock of pjsua's, and none but the leaf
 * lock of the dialogs, so that it may be asked wherever a message crosses the wire. */
#ifndef PYJ_ACC_NAMES_H
#define PYJ_ACC_NAMES_H

#include <pjsua-lib/pjsua.h>

typedef struct pyj_address {
    char user[256], host[256]; /* empty for what is no SIP URI */
} pyj_address;

/* User and host of a URI: RFC 3261 has no port in From and To, and PJSIP leaves it out. */
void pyj_address_parse(const pj_str_t *uri, pyj_address *out);
/* The account's own as pjsua has it now, whoever changes it meanwhile. The account is entered. */
void pyj_acc_address(pjsua_acc_id id, pyj_address *out);
int pyj_address_is(const pyj_address *address, const pjsip_uri *uri);

/* Before the account sends its first message; PJ_ENOMEM. Again where its URI changes. */
pj_status_t pyj_acc_name_set(uint64_t serial, const pj_str_t *uri);
/* As pjsua has it now. The account is entered. */
void pyj_acc_name_update(pjsua_acc_id id);
void pyj_acc_name_drop(uint64_t serial);
void pyj_acc_names_clear(void);

/* The URI of this account, or without one (0) of the first whose address this is; an empty text for none. */
void pyj_acc_name_find(uint64_t serial, const pjsip_uri *uri, char *buf, size_t size, pj_str_t *out);

#endif
