#include "acc_names.h"

#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "dialogs.h"
#include "ids.h"

typedef struct name {
    struct name *next;
    uint64_t serial;
    pyj_address address;
    size_t len;
    char uri[];
} name;

static name *names;

void pyj_address_parse(const pj_str_t *uri, pyj_address *out)
{
    pj_pool_t *pool = pjsua_pool_create("address%p", 1000, 1000);
    const pjsip_sip_uri *sip;
    pjsip_uri *parsed;
    pj_str_t text;

    out->user[0] = out->host[0] = '\0';
    if (!pool)
        return;
    pj_strdup_with_null(pool, &text, uri);
    parsed = pjsip_parse_uri(pool, text.ptr, (pj_size_t)text.slen, 0);
    if (parsed && (PJSIP_URI_SCHEME_IS_SIP(parsed) || PJSIP_URI_SCHEME_IS_SIPS(parsed))) {
        sip = (const pjsip_sip_uri *)pjsip_uri_get_uri(parsed);
        pj_ansi_snprintf(out->user, sizeof(out->user), "%.*s", (int)sip->user.slen, sip->user.ptr);
        pj_ansi_snprintf(out->host, sizeof(out->host), "%.*s", (int)sip->host.slen, sip->host.ptr);
    }
    pj_pool_release(pool);
}

void pyj_acc_address(pjsua_acc_id id, pyj_address *out)
{
    PJSUA_LOCK();
    pyj_address_parse(&pjsua_var.acc[id].cfg.id, out);
    PJSUA_UNLOCK();
}

int pyj_address_is(const pyj_address *address, const pjsip_uri *uri)
{
    const pjsip_sip_uri *sip;

    if (!uri || !(PJSIP_URI_SCHEME_IS_SIP(uri) || PJSIP_URI_SCHEME_IS_SIPS(uri)))
        return 0;
    sip = (const pjsip_sip_uri *)pjsip_uri_get_uri((pjsip_uri *)uri);
    return !pj_strcmp2(&sip->user, address->user) && !pj_stricmp2(&sip->host, address->host);
}

static name **place_of(uint64_t serial)
{
    name **at = &names;

    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    return at;
}

static void forget(name **at)
{
    name *one = *at;

    *at = one->next;
    free(one);
}

pj_status_t pyj_acc_name_set(uint64_t serial, const pj_str_t *uri)
{
    name *fresh = calloc(1, sizeof(*fresh) + (size_t)uri->slen), **at;

    if (!fresh)
        return PJ_ENOMEM;
    fresh->serial = serial;
    fresh->len = (size_t)uri->slen;
    memcpy(fresh->uri, uri->ptr, fresh->len);
    pyj_address_parse(uri, &fresh->address);
    pyj_dialogs_lock();
    at = place_of(serial);
    if (*at)
        forget(at);
    /* At its place, or the end: of several with one address the first is found. */
    fresh->next = *at;
    *at = fresh;
    pyj_dialogs_unlock();
    return PJ_SUCCESS;
}

void pyj_acc_name_update(pjsua_acc_id id)
{
    PJSUA_LOCK();
    pyj_acc_name_set(pyj_acc_serial(id), &pjsua_var.acc[id].cfg.id);
    PJSUA_UNLOCK();
}

void pyj_acc_name_drop(uint64_t serial)
{
    name **at;

    pyj_dialogs_lock();
    at = place_of(serial);
    if (*at)
        forget(at);
    pyj_dialogs_unlock();
}

void pyj_acc_names_clear(void)
{
    pyj_dialogs_lock();
    while (names)
        forget(&names);
    pyj_dialogs_unlock();
}

static const name *at_address(const pjsip_uri *uri)
{
    for (const name *at = names; at; at = at->next)
        if (pyj_address_is(&at->address, uri))
            return at;
    return NULL;
}

void pyj_acc_name_find(uint64_t serial, const pjsip_uri *uri, char *buf, size_t size, pj_str_t *out)
{
    const name *found;

    out->ptr = buf;
    out->slen = 0;
    pyj_dialogs_lock();
    found = serial ? *place_of(serial) : at_address(uri);
    if (found && found->len <= size) {
        memcpy(buf, found->uri, found->len);
        out->slen = (pj_ssize_t)found->len;
    }
    pyj_dialogs_unlock();
}
