/* What an account says beforehand of what comes in: which requests are for it, and how a SUBSCRIBE is answered. */
#ifndef PYJ_ACC_RULES_H
#define PYJ_ACC_RULES_H

#include <stdint.h>

#include <pjsua-lib/pjsua.h>

enum {
    PYJ_MAX_MATCHES = 64, /* users, and sources, of one account */
    PYJ_MAX_USER = 128,   /* bytes of a user */
};

typedef struct pyj_user {
    unsigned len;
    int prefix; /* or whatever begins so */
    char text[PYJ_MAX_USER];
} pyj_user;

typedef struct pyj_source {
    int version; /* of IP */
    unsigned bits;
    uint8_t addr[16];
} pyj_source;

/* A request is for the account if its user is among those given and its source too; of none given, any will do. */
typedef struct pyj_match {
    unsigned user_count, source_count;
    pyj_user user[PYJ_MAX_MATCHES];
    pyj_source source[PYJ_MAX_MATCHES];
} pyj_match;

/* Takes a copy; one with nothing in it is none. PJ_ENOMEM. */
pj_status_t pyj_acc_match_set(uint64_t serial, const pyj_match *match);
/* The first account, by priority, that a request is for; left alone if there is none. */
void pyj_acc_match_find(const pjsip_rx_data *rdata, pjsua_acc_id *id);

/* The answer to a SUBSCRIBE for presence, 0 for the policy's. PJ_ENOMEM. */
pj_status_t pyj_acc_subscribe_set(uint64_t serial, int code);
int pyj_acc_subscribe_code(pjsua_acc_id id);

void pyj_acc_rules_drop(uint64_t serial);
void pyj_acc_rules_clear(void);

#endif
