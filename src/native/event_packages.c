#include "event_packages.h"

#include <pthread.h>
#include <stdlib.h>

#include <pjsip-simple/evsub_msg.h>
#include <pjsua-lib/pjsua_internal.h>

/* The lock is a leaf: nothing is called under it. */
typedef struct entry {
    struct entry *next;
    uint64_t acc_serial;
    pj_pool_t *pool;
    pyj_package package;
} entry;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static entry *first;

static entry **place_of(uint64_t acc_serial, const pj_str_t *event)
{
    entry **at = &first;

    while (*at && ((*at)->acc_serial != acc_serial || pj_stricmp(&(*at)->package.event, event)))
        at = &(*at)->next;
    return at;
}

static void copy(pj_pool_t *pool, pyj_package *to, const pyj_package *from)
{
    *to = *from;
    pj_strdup(pool, &to->event, &from->event);
    pj_strdup(pool, &to->accept, &from->accept);
}

static unsigned count_of(uint64_t acc_serial)
{
    unsigned count = 0;

    for (const entry *at = first; at; at = at->next)
        count += at->acc_serial == acc_serial;
    return count;
}

static void destroy(const entry *one)
{
    if (one)
        pj_pool_release(one->pool);
}

pj_status_t pyj_package_set(uint64_t acc_serial, const pyj_package *package)
{
    pj_pool_t *pool = pjsua_pool_create("package", 512, 512);
    entry *one, *before, **at;
    int room;

    if (!pool)
        return PJ_ENOMEM;
    one = PJ_POOL_ZALLOC_T(pool, entry);
    one->acc_serial = acc_serial;
    one->pool = pool;
    copy(pool, &one->package, package);
    pthread_mutex_lock(&mutex);
    at = place_of(acc_serial, &package->event);
    before = *at;
    room = before || count_of(acc_serial) < PYJ_MAX_PACKAGES;
    if (room) {
        one->next = before ? before->next : NULL;
        *at = one;
    }
    pthread_mutex_unlock(&mutex);
    destroy(room ? before : one);
    return room ? PJ_SUCCESS : PJ_ETOOMANY;
}

pj_status_t pyj_package_drop(uint64_t acc_serial, const pj_str_t *event)
{
    entry *one, **at;

    pthread_mutex_lock(&mutex);
    at = place_of(acc_serial, event);
    one = *at;
    if (one)
        *at = one->next;
    pthread_mutex_unlock(&mutex);
    if (!one)
        return PJ_ENOTFOUND;
    destroy(one);
    return PJ_SUCCESS;
}

int pyj_package_find(uint64_t acc_serial, const pj_str_t *event, pj_pool_t *pool, pyj_package *out)
{
    const entry *one;

    pthread_mutex_lock(&mutex);
    one = *place_of(acc_serial, event);
    if (one)
        copy(pool, out, &one->package);
    pthread_mutex_unlock(&mutex);
    return one != NULL;
}

int pyj_package_served(const pj_str_t *event)
{
    const entry *at;

    pthread_mutex_lock(&mutex);
    for (at = first; at && pj_stricmp(&at->package.event, event); at = at->next)
        ;
    pthread_mutex_unlock(&mutex);
    return at != NULL;
}

void pyj_packages_drop_all(uint64_t acc_serial)
{
    entry **at = &first;

    pthread_mutex_lock(&mutex);
    while (*at) {
        entry *one = *at;

        if (!acc_serial || one->acc_serial == acc_serial) {
            *at = one->next;
            destroy(one);
        } else {
            at = &one->next;
        }
    }
    pthread_mutex_unlock(&mutex);
}

/* -- Accept */

/* The next of a list separated by commas, without its parameters and spaces; 0 for no more. */
static int next_type(pj_str_t *list, pj_str_t *type)
{
    const char *comma, *semicolon;

    if (list->slen <= 0)
        return 0;
    comma = pj_strchr(list, ',');
    type->ptr = list->ptr;
    type->slen = comma ? comma - list->ptr : list->slen;
    list->ptr += type->slen + 1;
    list->slen -= type->slen + 1;
    semicolon = pj_strchr(type, ';');
    if (semicolon)
        type->slen = semicolon - type->ptr;
    pj_strtrim(type);
    return 1;
}

static int covers(const pj_str_t *range, const pj_str_t *type)
{
    pj_str_t kind = *range, start = *type;

    if (!pj_strcmp2(range, "*/*") || !pj_stricmp(range, type))
        return 1;
    if (range->slen < 2 || range->ptr[range->slen - 1] != '*' || range->ptr[range->slen - 2] != '/')
        return 0;
    kind.slen--;
    if (start.slen > kind.slen)
        start.slen = kind.slen;
    return !pj_stricmp(&kind, &start);
}

static int is_ours(const pyj_package *package, const pj_str_t *given)
{
    pj_str_t range, list = *given;

    if (!next_type(&list, &range))
        return 0;
    for (pj_str_t ours = package->accept, type; next_type(&ours, &type);)
        if (covers(&range, &type))
            return 1;
    return 0;
}

int pyj_package_suits(const pyj_package *package, const pjsip_msg *msg)
{
    const pjsip_accept_hdr *hdr = pjsip_msg_find_hdr(msg, PJSIP_H_ACCEPT, NULL);
    int said = hdr != NULL;

    if (!package->accept.slen)
        return 1;
    while (hdr) {
        for (unsigned i = 0; i < hdr->count; i++)
            if (is_ours(package, &hdr->values[i]))
                return 1;
        if ((const pjsip_hdr *)hdr->next == &msg->hdr)
            break;
        hdr = pjsip_msg_find_hdr(msg, PJSIP_H_ACCEPT, hdr->next);
    }
    return !said;
}

/* -- Allow-Events */

pjsip_hdr *pyj_package_allow_events(uint64_t acc_serial, pj_pool_t *pool)
{
    pjsip_allow_events_hdr *hdr = pjsip_allow_events_hdr_create(pool);

    hdr->values[hdr->count++] = pj_str("presence");
    pthread_mutex_lock(&mutex);
    for (const entry *at = first; at && hdr->count < PJ_ARRAY_SIZE(hdr->values); at = at->next)
        if (at->acc_serial == acc_serial)
            pj_strdup(pool, &hdr->values[hdr->count++], &at->package.event);
    pthread_mutex_unlock(&mutex);
    return (pjsip_hdr *)hdr;
}

void pyj_package_set_allow_events(uint64_t acc_serial, pjsip_tx_data *tdata)
{
    static const pj_str_t name = {"Allow-Events", 12};
    pjsip_hdr *hdr = pjsip_msg_find_hdr_by_name(tdata->msg, &name, NULL);

    if (hdr)
        pj_list_erase(hdr);
    pjsip_msg_add_hdr(tdata->msg, pyj_package_allow_events(acc_serial, tdata->pool));
}
