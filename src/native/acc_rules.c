#include "acc_rules.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "ids.h"

/* The lock is a leaf: nothing is called under it. */
typedef struct entry {
    struct entry *next;
    uint64_t serial;
    int subscribe;
    pyj_match *match;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *entries;
static _Atomic unsigned matches;

static entry **place_of(uint64_t serial)
{
    entry **at = &entries;

    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    return at;
}

static entry *entry_of(uint64_t serial)
{
    entry **at = place_of(serial);

    if (!*at && (*at = calloc(1, sizeof(**at))))
        (*at)->serial = serial;
    return *at;
}

static void erase(entry **at)
{
    entry *one = *at;

    *at = one->next;
    if (one->match)
        atomic_fetch_sub(&matches, 1);
    free(one->match);
    free(one);
}

pj_status_t pyj_acc_match_set(uint64_t serial, const pyj_match *match)
{
    int empty = !match->user_count && !match->source_count;
    pyj_match *copy = empty ? NULL : malloc(sizeof(*copy)), *before = NULL;
    entry *one;

    if (!empty && !copy)
        return PJ_ENOMEM;
    if (copy)
        *copy = *match;
    pthread_mutex_lock(&mutex);
    one = entry_of(serial);
    if (one) {
        before = one->match;
        one->match = copy;
        atomic_fetch_add(&matches, (copy != NULL) - (before != NULL));
    }
    pthread_mutex_unlock(&mutex);
    free(one ? before : copy);
    return one ? PJ_SUCCESS : PJ_ENOMEM;
}

static int has_user(const pyj_match *match, const pj_str_t *user)
{
    if (!match->user_count)
        return 1;
    for (unsigned i = 0; i < match->user_count; i++) {
        pj_str_t wanted = {(char *)match->user[i].text, match->user[i].len};
        pj_str_t start = *user;

        if (match->user[i].prefix && start.slen > wanted.slen)
            start.slen = wanted.slen;
        if (pj_stricmp(&start, &wanted) == 0)
            return 1;
    }
    return 0;
}

static int begins(const uint8_t *addr, const pyj_source *source)
{
    unsigned whole = source->bits / 8, rest = source->bits % 8;

    return memcmp(addr, source->addr, whole) == 0
           && (!rest || !((addr[whole] ^ source->addr[whole]) & (0xFF00 >> rest) & 0xFF));
}

static int has_source(const pyj_match *match, const pj_sockaddr *addr)
{
    int version = addr->addr.sa_family == pj_AF_INET() ? 4 : 6;

    if (!match->source_count)
        return 1;
    for (unsigned i = 0; i < match->source_count; i++)
        if (match->source[i].version == version && begins(pj_sockaddr_get_addr(addr), &match->source[i]))
            return 1;
    return 0;
}

static int is_for(uint64_t serial, const pj_str_t *user, const pj_sockaddr *addr)
{
    const entry *one;
    int found;

    pthread_mutex_lock(&mutex);
    one = *place_of(serial);
    found = one && one->match && has_user(one->match, user) && has_source(one->match, addr);
    pthread_mutex_unlock(&mutex);
    return found;
}

void pyj_acc_match_find(const pjsip_rx_data *rdata, pjsua_acc_id *id)
{
    pjsip_uri *uri;
    pj_str_t user = {NULL, 0};

    if (!atomic_load(&matches) || rdata->msg_info.msg->type != PJSIP_REQUEST_MSG)
        return;
    uri = rdata->msg_info.msg->line.req.uri;
    if (PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri))
        user = ((pjsip_sip_uri *)pjsip_uri_get_uri(uri))->user;
    else if (PJSIP_URI_SCHEME_IS_TEL(uri))
        user = ((pjsip_tel_uri *)pjsip_uri_get_uri(uri))->number;
    PJSUA_LOCK();
    /* pjsua keeps these in the order of their priorities. */
    for (unsigned i = 0; i < pjsua_var.acc_cnt; i++) {
        int each = pjsua_var.acc_ids[i];

        if (pjsua_var.acc[each].valid && is_for(pyj_acc_serial(each), &user, &rdata->pkt_info.src_addr)) {
            *id = each;
            break;
        }
    }
    PJSUA_UNLOCK();
}

pj_status_t pyj_acc_subscribe_set(uint64_t serial, int code)
{
    entry *one;

    pthread_mutex_lock(&mutex);
    one = entry_of(serial);
    if (one)
        one->subscribe = code;
    pthread_mutex_unlock(&mutex);
    return one ? PJ_SUCCESS : PJ_ENOMEM;
}

int pyj_acc_subscribe_code(pjsua_acc_id id)
{
    uint64_t serial = pyj_acc_serial(id);
    const entry *one;
    int code;

    pthread_mutex_lock(&mutex);
    one = *place_of(serial);
    code = one ? one->subscribe : 0;
    pthread_mutex_unlock(&mutex);
    return code ? code : pyj_policies.incoming_subscribe;
}

void pyj_acc_rules_drop(uint64_t serial)
{
    entry **at;

    pthread_mutex_lock(&mutex);
    at = place_of(serial);
    if (*at)
        erase(at);
    pthread_mutex_unlock(&mutex);
}

void pyj_acc_rules_clear(void)
{
    pthread_mutex_lock(&mutex);
    while (entries)
        erase(&entries);
    pthread_mutex_unlock(&mutex);
}
