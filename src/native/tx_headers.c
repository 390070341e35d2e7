#include "tx_headers.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua_internal.h>

#include "acc_names.h"
#include "dialogs.h"
#include "ids.h"

#define THIS_FILE "pyjsua"

/* -- rules; the lock of the dialogs is theirs too */

static _Atomic unsigned rules_known;

static void rule_free(pyj_rule **place)
{
    pyj_rule *one = *place;

    *place = one->next;
    atomic_fetch_sub(&rules_known, 1);
    free(one);
}

void pyj_rules_free(pyj_rule **rules)
{
    while (*rules)
        rule_free(rules);
}

static int is_rule(const pyj_rule *one, const pj_str_t *method, int lowest, int highest, pyj_rule_life life)
{
    return one->life == life && one->lowest == lowest && one->highest == highest
           && !pj_stricmp2(method, one->method);
}

static pj_status_t rule_set(pyj_rule **rules, const pj_str_t *method, int lowest, int highest, pyj_rule_life life,
                            const pj_str_t *text)
{
    pyj_rule **at = rules, *one;
    unsigned count = 0;

    while (*at && !is_rule(*at, method, lowest, highest, life)) {
        at = &(*at)->next;
        count++;
    }
    if (!text->slen) {
        if (*at)
            rule_free(at);
        return PJ_SUCCESS;
    }
    if (!*at && count >= PYJ_MAX_RULES)
        return PJ_ETOOMANY;
    one = calloc(1, sizeof(*one) + (size_t)text->slen);
    if (!one)
        return PJ_ENOMEM;
    one->life = life;
    one->lowest = lowest;
    one->highest = highest;
    pj_ansi_snprintf(one->method, sizeof(one->method), "%.*s", (int)method->slen, method->ptr);
    one->len = (unsigned)text->slen;
    memcpy(one->text, text->ptr, (size_t)text->slen);
    if (*at) {
        one->next = (*at)->next;
        free(*at);
    } else {
        atomic_fetch_add(&rules_known, 1);
    }
    *at = one;
    return PJ_SUCCESS;
}

static pj_status_t call_rule_set(pjsua_call_id id, const pj_str_t *method, int lowest, int highest,
                                 pyj_rule_life life, const pj_str_t *text)
{
    pyj_dialog *dialog;
    pj_status_t status = pyj_dialog_noted(id, &dialog);

    if (status != PJ_SUCCESS)
        return status;
    status = rule_set(&dialog->rules, method, lowest, highest, life, text);
    pyj_dialogs_unlock();
    return status;
}

pj_status_t pyj_call_headers_set(pjsua_call_id id, const pj_str_t *method, int lowest, int highest, int once,
                                 const pj_str_t *text)
{
    return call_rule_set(id, method, lowest, highest, once ? PYJ_RULE_ONCE : PYJ_RULE_STAYS, text);
}

/* -- accounts */

typedef struct account {
    struct account *next;
    uint64_t serial;
    pyj_address address;
    pyj_rule *rules;
} account;

static account *accounts;
static _Atomic unsigned accounts_known;

int pyj_acc_headers_any(void)
{
    return atomic_load_explicit(&accounts_known, memory_order_relaxed) != 0;
}

static account **account_place(uint64_t serial)
{
    account **at = &accounts;

    while (*at && (*at)->serial != serial)
        at = &(*at)->next;
    return at;
}

static void account_free(account **place)
{
    account *one = *place;

    *place = one->next;
    atomic_fetch_sub(&accounts_known, 1);
    pyj_rules_free(&one->rules);
    free(one);
}

pj_status_t pyj_acc_headers_set(pjsua_acc_id id, const pj_str_t *method, int lowest, int highest,
                                const pj_str_t *text)
{
    uint64_t serial = pyj_acc_serial(id);
    account **at, *fresh = calloc(1, sizeof(*fresh));
    pj_status_t status;

    if (!fresh)
        return PJ_ENOMEM;
    fresh->serial = serial;
    pyj_acc_address(id, &fresh->address);
    pyj_dialogs_lock();
    at = account_place(serial);
    if (!*at) {
        *at = fresh;
        fresh = NULL;
        atomic_fetch_add(&accounts_known, 1);
    }
    status = rule_set(&(*at)->rules, method, lowest, highest, PYJ_RULE_STAYS, text);
    if (!(*at)->rules)
        account_free(at);
    pyj_dialogs_unlock();
    free(fresh);
    return status;
}

void pyj_acc_headers_moved(pjsua_acc_id id)
{
    pyj_address now;
    account *one;

    if (!pyj_acc_headers_any())
        return;
    pyj_acc_address(id, &now);
    pyj_dialogs_lock();
    one = *account_place(pyj_acc_serial(id));
    if (one)
        one->address = now;
    pyj_dialogs_unlock();
}

void pyj_acc_headers_drop(uint64_t serial)
{
    account **at;

    if (!pyj_acc_headers_any())
        return;
    pyj_dialogs_lock();
    at = account_place(serial);
    if (*at)
        account_free(at);
    pyj_dialogs_unlock();
}

void pyj_headers_clear(void)
{
    pyj_dialogs_lock();
    while (accounts)
        account_free(&accounts);
    pyj_dialogs_unlock();
}

/* The request this thread is busy with, and whose it is: an answer does not say. */
static _Thread_local struct {
    pj_uint32_t call_id;
    pj_int32_t cseq;
    uint64_t serial;
} incoming;

void pyj_headers_incoming(const pjsip_rx_data *rdata, pjsua_acc_id id)
{
    const pjsip_cid_hdr *cid = rdata->msg_info.cid;

    if (!pyj_acc_headers_any() || !cid || !rdata->msg_info.cseq)
        return;
    incoming.call_id = pj_hash_calc(0, cid->id.ptr, (unsigned)cid->id.slen);
    incoming.cseq = rdata->msg_info.cseq->cseq;
    incoming.serial = pyj_acc_serial(id);
}

static uint64_t answering(const pjsip_msg *msg, const pyj_place *place)
{
    const pjsip_cseq_hdr *cseq = PJSIP_MSG_CSEQ_HDR(msg);

    if (place->is_request || cseq->cseq != incoming.cseq
        || incoming.call_id != pj_hash_calc(0, place->call_id.ptr, (unsigned)place->call_id.slen))
        return 0;
    return incoming.serial;
}

static const account *account_at(const pjsip_uri *uri)
{
    for (const account *at = accounts; at; at = at->next)
        if (pyj_address_is(&at->address, uri))
            return at;
    return NULL;
}

/* -- the module */

typedef struct added {
    pj_str_t name, rest; /* "rest" is the first value and whatever headers follow */
    int code;
} added;

static pj_status_t on_tx(pjsip_tx_data *tdata);

static pjsip_module headers = {
    .name = {"pyjsua-headers", 14},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TRANSPORT_LAYER + 1,
    .on_tx_request = on_tx,
    .on_tx_response = on_tx,
};

static int is_for(const pyj_rule *rule, const pyj_place *place)
{
    return place->code >= rule->lowest && place->code <= rule->highest
           && (!rule->method[0] || !pj_stricmp2(&place->method, rule->method));
}

typedef struct text {
    char *start;
    size_t len, room;
} text;

static void collect(const pyj_rule *rule, const pyj_place *place, text *out)
{
    for (; rule; rule = rule->next) {
        size_t wanted = out->len + rule->len + 2;

        if (!is_for(rule, place))
            continue;
        if (wanted > out->room) {
            char *more = realloc(out->start, wanted * 2);

            if (!more)
                return;
            out->start = more;
            out->room = wanted * 2;
        }
        if (out->len) {
            memcpy(out->start + out->len, "\r\n", 2);
            out->len += 2;
        }
        memcpy(out->start + out->len, rule->text, rule->len);
        out->len += rule->len;
    }
}

static void used(pyj_rule **rules, const pyj_place *place)
{
    while (*rules)
        if ((*rules)->life == PYJ_RULE_ONCE && is_for(*rules, place))
            rule_free(rules);
        else
            rules = &(*rules)->next;
}

/* What a message gets, kept with it: it may be sent more than once. */
static added *gather(pjsip_tx_data *tdata)
{
    added *out = PJ_POOL_ZALLOC_T(tdata->pool, added);
    text found = {NULL, 0, 0};
    const account *account = NULL;
    pyj_dialog *dialog;
    pyj_place place;
    uint64_t serial;
    char *colon;

    if (!pyj_place_of(tdata->msg, 1, &place))
        return out;
    out->code = place.code;
    pyj_dialogs_lock();
    dialog = pyj_dialog_find(&place);
    if (accounts) {
        serial = dialog ? dialog->about.acc_serial : answering(tdata->msg, &place);
        account = serial ? *account_place(serial) : account_at(place.local_uri);
    }
    if (account)
        collect(account->rules, &place, &found);
    if (dialog) {
        collect(dialog->rules, &place, &found);
        used(&dialog->rules, &place);
    }
    pyj_dialogs_unlock();
    if (found.len) {
        char *copy = pj_pool_alloc(tdata->pool, found.len);

        memcpy(copy, found.start, found.len);
        colon = memchr(copy, ':', found.len);
        out->name.ptr = copy;
        out->name.slen = colon - copy;
        out->rest.ptr = colon + 2;
        out->rest.slen = copy + found.len - out->rest.ptr;
    }
    free(found.start);
    return out;
}

/* Whether the text that is about to be sent has them. */
static int has(const pjsip_tx_data *tdata, const added *what)
{
    const pj_str_t text = {tdata->buf.start, tdata->buf.cur - tdata->buf.start};
    const pj_str_t added = {what->name.ptr, what->rest.ptr + what->rest.slen - what->name.ptr};

    return pj_strstr(&text, &added) != NULL;
}

/* PJSIP puts the dialog's own Contact beside those a redirection names: whoever follows it would come back here. */
static void only_named_contacts(pjsip_tx_data *tdata, const added *what)
{
    static const pj_str_t contact = {"Contact", 7}, line = {"\nContact:", 9};
    pjsip_hdr *own = pjsip_msg_find_hdr(tdata->msg, PJSIP_H_CONTACT, NULL);

    if (own && (pj_stricmp(&what->name, &contact) == 0 || pj_stristr(&what->rest, &line)))
        pj_list_erase(own);
}

static pj_status_t on_tx(pjsip_tx_data *tdata)
{
    added *what = tdata->mod_data[headers.id];
    int code = tdata->msg->type == PJSIP_RESPONSE_MSG ? tdata->msg->line.status.code : 0;
    pjsip_generic_string_hdr *hdr;
    pj_status_t status;

    if (!what || what->code != code) {
        if (!atomic_load_explicit(&rules_known, memory_order_relaxed))
            return PJ_SUCCESS;
        tdata->mod_data[headers.id] = what = gather(tdata);
    }
    if (!what->name.slen || (pjsip_tx_data_is_valid(tdata) && has(tdata, what)))
        return PJ_SUCCESS;
    if (code / 100 == 3)
        only_named_contacts(tdata, what);
    /* Printed already, to see how long it is. */
    pjsip_tx_data_invalidate_msg(tdata);
    hdr = PJ_POOL_ZALLOC_T(tdata->pool, pjsip_generic_string_hdr);
    pjsip_generic_string_hdr_init2(hdr, &what->name, &what->rest);
    pjsip_msg_add_hdr(tdata->msg, (pjsip_hdr *)hdr);
    status = pjsip_tx_data_encode(tdata);
    pj_list_erase(hdr);
    if (status == PJSIP_EMSGTOOLONG) {
        /* It goes without them: PJSIP does not survive an answer that fits no packet. */
        PJ_LOG(2, (THIS_FILE, "%s has no room for the headers to be added", pjsip_tx_data_get_info(tdata)));
        what->name.slen = 0;
        pjsip_tx_data_invalidate_msg(tdata);
        status = PJ_SUCCESS;
    }
    return status;
}

pj_status_t pyj_tx_headers_register(pjsip_endpoint *endpt)
{
    headers.id = -1;
    headers.prev = headers.next = NULL;
    return pjsip_endpt_register_module(endpt, &headers);
}

/* -- what pjsua is given headers for */

/* The headers of msg_data as a rule's text. */
static pj_status_t text_of(const pjsua_msg_data *msg_data, text *out)
{
    const pjsip_hdr *head = &msg_data->hdr_list, *hdr;
    char *at;

    for (hdr = head->next; hdr != head; hdr = hdr->next)
        out->room += (size_t)(hdr->name.slen + ((const pjsip_generic_string_hdr *)hdr)->hvalue.slen + 4);
    if (out->room > PYJ_MAX_ADDED)
        return PJSIP_EMSGTOOLONG;
    at = out->start = malloc(out->room);
    if (!at)
        return PJ_ENOMEM;
    for (hdr = head->next; hdr != head; hdr = hdr->next) {
        const pj_str_t *value = &((const pjsip_generic_string_hdr *)hdr)->hvalue;

        memcpy(at, hdr->name.ptr, (size_t)hdr->name.slen);
        at += hdr->name.slen;
        memcpy(at, ": ", 2);
        memcpy(at + 2, value->ptr, (size_t)value->slen);
        at += 2 + value->slen;
        memcpy(at, "\r\n", 2);
        at += 2;
    }
    out->len = out->room - 2;
    return PJ_SUCCESS;
}

int pyj_has_headers(const pjsua_msg_data *msg_data)
{
    return msg_data && msg_data->hdr_list.next && !pj_list_empty(&msg_data->hdr_list);
}

static const struct {
    const char *method;
    int lowest, highest;
} goodbyes[] = {{"CANCEL", 0, 0}, {"BYE", 0, 0}, {"INVITE", 300, 699}};

static void goodbyes_set(pjsua_call_id id, const pj_str_t *value, pj_status_t *status)
{
    for (unsigned i = 0; i < PJ_ARRAY_SIZE(goodbyes) && *status == PJ_SUCCESS; i++) {
        pj_str_t method = pj_str((char *)goodbyes[i].method);

        *status = call_rule_set(id, &method, goodbyes[i].lowest, goodbyes[i].highest, PYJ_RULE_GOODBYE, value);
    }
}

pj_status_t pyj_call_hangup(pjsua_call_id id, unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data)
{
    pjsua_msg_data rest;
    text value = {NULL, 0, 0};
    pj_str_t given;
    pj_status_t status;

    if (!pyj_has_headers(msg_data) || pjsua_var.calls[id].hanging_up)
        return pjsua_call_hangup(id, code, reason, msg_data);
    status = text_of(msg_data, &value);
    if (status != PJ_SUCCESS)
        return status;
    pj_strset(&given, value.start, (pj_size_t)value.len);
    goodbyes_set(id, &given, &status);
    free(value.start);
    if (status != PJ_SUCCESS)
        return status;
    rest = *msg_data;
    pj_list_init(&rest.hdr_list);
    return pjsua_call_hangup(id, code, reason, &rest);
}

static pj_status_t answer(pjsua_call_id id, const pjmedia_sdp_session *sdp, const pjsua_call_setting *opt,
                          unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data)
{
    if (sdp)
        return pjsua_call_answer_with_sdp(id, sdp, opt, code, reason, msg_data);
    return pjsua_call_answer2(id, opt, code, reason, msg_data);
}

pj_status_t pyj_call_headers_once(pjsua_call_id id, const pj_str_t *method, int lowest, int highest,
                                  const pjsua_msg_data *msg_data)
{
    text value = {NULL, 0, 0};
    pj_str_t given;
    pj_status_t status = text_of(msg_data, &value);

    if (status != PJ_SUCCESS)
        return status;
    pj_strset(&given, value.start, (pj_size_t)value.len);
    status = call_rule_set(id, method, lowest, highest, PYJ_RULE_ONCE, &given);
    free(value.start);
    return status;
}

void pyj_call_headers_unused(pjsua_call_id id, const pj_str_t *method, int lowest, int highest,
                             const pjsua_msg_data *msg_data)
{
    static const pj_str_t nothing = {NULL, 0};

    if (pyj_has_headers(msg_data))
        call_rule_set(id, method, lowest, highest, PYJ_RULE_ONCE, &nothing);
}

pj_status_t pyj_answer_with_headers(pjsua_call_id id, const pjmedia_sdp_session *sdp, const pjsua_call_setting *opt,
                                    unsigned code, const pj_str_t *reason, const pjsua_msg_data *msg_data)
{
    static const pj_str_t invite = {"INVITE", 6};
    pjsua_msg_data rest;
    pj_status_t status;

    if (!pyj_has_headers(msg_data))
        return answer(id, sdp, opt, code, reason, msg_data);
    status = pyj_call_headers_once(id, &invite, (int)code, (int)code, msg_data);
    if (status != PJ_SUCCESS)
        return status;
    rest = *msg_data;
    pj_list_init(&rest.hdr_list);
    status = answer(id, sdp, opt, code, reason, &rest);
    if (status != PJ_SUCCESS)
        pyj_call_headers_unused(id, &invite, (int)code, (int)code, msg_data);
    return status;
}
