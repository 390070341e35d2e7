/* Event packages that accounts serve (RFC 6665): what others may subscribe to. */
#ifndef PYJ_EVENT_PACKAGES_H
#define PYJ_EVENT_PACKAGES_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

enum { PYJ_MAX_PACKAGES = 31 }; /* of one account: Allow-Events has 32, and presence is one */

typedef struct pyj_package {
    pj_str_t event;
    pj_str_t accept;      /* media types, separated by commas; empty for any */
    unsigned expires;     /* the most that is granted, and what is where nobody asks for a time */
    unsigned min_expires; /* less is refused with 423 */
    int resend;           /* a refresh, and the end, is told what was told last */
} pyj_package;

/* Takes a copy, in place of what was there of that name. PJ_ETOOMANY, PJ_ENOMEM. */
pj_status_t pyj_package_set(uint64_t acc_serial, const pyj_package *package);
/* PJ_ENOTFOUND where it is not served. */
pj_status_t pyj_package_drop(uint64_t acc_serial, const pj_str_t *event);
/* A copy of it, its texts in the pool; 0 where it is not served. */
int pyj_package_find(uint64_t acc_serial, const pj_str_t *event, pj_pool_t *pool, pyj_package *out);

/* Whether any account serves it. */
int pyj_package_served(const pj_str_t *event);

/* Whether the message takes one of the package's media types: it says nothing of it, or names it. */
int pyj_package_suits(const pyj_package *package, const pjsip_msg *msg);
/* What the account may be subscribed to, as a header of its own. */
pjsip_hdr *pyj_package_allow_events(uint64_t acc_serial, pj_pool_t *pool);
/* In place of PJSIP's own, which names what others may be subscribed to, too. */
void pyj_package_set_allow_events(uint64_t acc_serial, pjsip_tx_data *tdata);

/* Forgets those of an account, with 0 all. */
void pyj_packages_drop_all(uint64_t acc_serial);

#endif
