#include "subscribe_requests.h"

#include <pjsip-simple/evsub.h>
#include <pjsip-simple/evsub_msg.h>
#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "event_packages.h"
#include "events_notifier.h"
#include "gate.h"
#include "held.h"
#include "held_decisions.h"
#include "ids.h"
#include "im_answers.h"
#include "notifier.h"
#include "tables.h"

#define THIS_FILE "subscribe_requests.c"

static pjsip_expires_hdr *expires_of(const pjsip_rx_data *rdata)
{
    return pjsip_msg_find_hdr(rdata->msg_info.msg, PJSIP_H_EXPIRES, NULL);
}

void pyj_set_expires(pjsip_rx_data *rdata, unsigned expires)
{
    pjsip_expires_hdr *hdr = expires_of(rdata);

    if (!hdr) {
        hdr = pjsip_expires_hdr_create(rdata->tp_info.pool, expires);
        pjsip_msg_add_hdr(rdata->msg_info.msg, (pjsip_hdr *)hdr);
    }
    hdr->ivalue = expires;
}

unsigned pyj_granted(const pjsip_rx_data *rdata, unsigned expires)
{
    const pjsip_expires_hdr *hdr = expires_of(rdata);

    return hdr ? PJ_MIN(hdr->ivalue, expires) : expires;
}

int pyj_is_brief(unsigned asked, unsigned min)
{
    return asked && asked < min;
}

static pjsip_event_hdr *event_of(const pjsip_rx_data *rdata)
{
    static const pj_str_t name = {"Event", 5}, brief = {"o", 1};

    return pjsip_msg_find_hdr_by_names(rdata->msg_info.msg, &name, &brief, NULL);
}

/* A SUBSCRIBE outside of dialogs to another package than presence, which is pjsua's; NULL for any other request. */
static pjsip_event_hdr *package_wanted(pjsip_rx_data *rdata)
{
    pjsip_event_hdr *event;

    if (!rdata->msg_info.via || !rdata->msg_info.cid || !rdata->msg_info.from || !rdata->msg_info.to
        || !rdata->msg_info.cseq || rdata->msg_info.to->tag.slen
        || pjsip_method_cmp(&rdata->msg_info.msg->line.req.method, pjsip_get_subscribe_method()))
        return NULL;
    event = event_of(rdata);
    if (!event || !event->event_type.slen || !pj_stricmp2(&event->event_type, "presence")
        || pyj_has_transaction(rdata))
        return NULL;
    return event;
}

static int refuse(pjsip_rx_data *rdata, int code, pjsip_hdr *hdr)
{
    pjsip_hdr list;

    pj_list_init(&list);
    if (hdr)
        pj_list_push_back(&list, hdr);
    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, code, NULL, &list, NULL);
    return 1;
}

static pjsip_hdr *accept_header(const pyj_package *package, pj_pool_t *pool)
{
    static const pj_str_t name = {"Accept", 6};

    return (pjsip_hdr *)pjsip_generic_string_hdr_create(pool, &name, &package->accept);
}

static int has_target(const pjsip_rx_data *rdata)
{
    const pjsip_contact_hdr *hdr = pjsip_msg_find_hdr(rdata->msg_info.msg, PJSIP_H_CONTACT, NULL);

    return hdr && hdr->uri && (PJSIP_URI_SCHEME_IS_SIP(hdr->uri) || PJSIP_URI_SCHEME_IS_SIPS(hdr->uri));
}

static unsigned wait_ms(void)
{
    return (unsigned)PJ_MIN(pyj_policies.later_ms, PYJ_HELD_MS_MOST);
}

static int is_this(const pyj_held *one, const void *id)
{
    const pyj_serial_id *wanted = id;

    return one->kind == PYJ_HELD_PACKAGE && one->id.id == wanted->id
           && (!wanted->serial || one->id.serial == wanted->serial);
}

static int is_of_account(const pyj_held *one, const void *serial)
{
    return one->kind == PYJ_HELD_PACKAGE && one->about.acc_serial == *(const uint64_t *)serial;
}

/* Refuses one that nobody has decided about, and tells of it. */
static void give_up(pyj_held *one, int code)
{
    pyj_on_subscribe_end end = {.request = one->id, .code = code};
    pyj_about about = one->about;

    pyj_held_refuse(one, code, NULL, NULL);
    pyj_emit_about(PYJ_OnSubscribeEnd, &end, &about, NULL, 0);
}

static void deadline(void *user_data)
{
    pyj_serial_id id = {(int)(intptr_t)user_data, 0};
    pyj_held *one = pyj_held_take(&is_this, &id);

    if (!one)
        return;
    PJ_LOG(2, (THIS_FILE, "Nobody decided about a SUBSCRIBE to account %d: it is refused with 480",
               one->about.acc_id));
    give_up(one, PJSIP_SC_TEMPORARILY_UNAVAILABLE);
}

static int ask(pjsip_rx_data *rdata, const pjsip_event_hdr *event, const pyj_about *about, unsigned expires)
{
    pyj_on_subscribe out = {.event = event->event_type, .event_id = event->id_param, .expires = expires};
    char from[PJSIP_MAX_URL_SIZE];
    pyj_held *one;
    int len;

    if (!pyj_wanted(PYJ_OnSubscribe) || pyj_held_count(PYJ_HELD_PACKAGE) >= PYJ_HELD_MOST)
        return refuse(rdata, PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL);
    pyj_set_expires(rdata, expires);
    one = pyj_held_add(rdata, PYJ_HELD_PACKAGE, about);
    if (!one)
        return refuse(rdata, PJSIP_SC_SERVICE_UNAVAILABLE, NULL);
    out.request = one->id;
    /* From here on somebody else may deal with it. */
    len = pjsip_uri_print(PJSIP_URI_IN_OTHER, rdata->msg_info.from->uri, from, sizeof(from));
    out.from_uri.ptr = from;
    out.from_uri.slen = len > 0 ? len : 0;
    out.wait_ms = (int)wait_ms();
    pjsua_schedule_timer2(&deadline, (void *)(intptr_t)out.request.id, wait_ms());
    pyj_emit_about(PYJ_OnSubscribe, &out, about, pyj_message_from_rdata(rdata), 0);
    return 1;
}

int pyj_subscribe_hold(pjsip_rx_data *rdata)
{
    pj_pool_t *pool = rdata->tp_info.pool;
    pjsip_event_hdr *event = package_wanted(rdata);
    /* A hook may be asked whose it is. */
    int served = event && pyj_package_served(&event->event_type);
    pjsua_acc_id acc_id = served ? pjsua_acc_find_for_incoming(rdata) : -1;
    pyj_about about = pyj_about_acc(acc_id);
    pyj_package package;
    unsigned asked;

    if (!about.acc_serial || !pyj_package_find(about.acc_serial, &event->event_type, pool, &package))
        return 0;
    if (!has_target(rdata))
        return refuse(rdata, PJSIP_SC_BAD_REQUEST, NULL);
    if (!pyj_package_suits(&package, rdata->msg_info.msg))
        return refuse(rdata, PJSIP_SC_NOT_ACCEPTABLE, accept_header(&package, pool));
    asked = pyj_granted(rdata, package.expires);
    if (pyj_is_brief(asked, package.min_expires))
        return refuse(rdata, PJSIP_SC_INTERVAL_TOO_BRIEF,
                      (pjsip_hdr *)pjsip_min_expires_hdr_create(pool, package.min_expires));
    return ask(rdata, event, &about, asked);
}

int pyj_subscribe_refuse(pjsip_rx_data *rdata)
{
    pjsua_acc_id acc_id = package_wanted(rdata) ? pjsua_acc_find_for_incoming(rdata) : -1;
    uint64_t serial = pyj_acc_serial(acc_id);

    return serial && refuse(rdata, PJSIP_SC_BAD_EVENT, pyj_package_allow_events(serial, rdata->tp_info.pool));
}

/* -- deciding */

static pj_status_t accept_if_served(pyj_held *request, int code, const pjsua_msg_data *msg_data, pyj_serial_id *out)
{
    pyj_about about = request->about;
    pyj_package package;
    pj_status_t status = pyj_acc_enter(about.acc_id, about.acc_serial);

    if (status != PJ_SUCCESS) {
        pyj_held_refuse(request, PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL, NULL);
        return PYJ_ESTALE;
    }
    if (pyj_package_find(about.acc_serial, &event_of(request->rdata)->event_type, request->rdata->tp_info.pool, &package)) {
        status = pyj_subscriber_accept(request, code, msg_data, &package, out);
    } else {
        pyj_held_refuse(request, PJSIP_SC_TEMPORARILY_UNAVAILABLE, NULL, NULL);
        status = PYJ_ESTALE;
    }
    pyj_acc_leave();
    return status;
}

pj_status_t pyj_subscribe_respond(int id, uint64_t serial, int code, const pj_str_t *text,
                                  const pjsua_msg_data *msg_data, pyj_serial_id *subscriber)
{
    pyj_serial_id wanted = {id, (unsigned long)serial};
    pyj_held *request = pyj_held_take(&is_this, &wanted);
    pj_status_t status;

    subscriber->id = -1;
    subscriber->serial = 0;
    if (!request)
        return PYJ_ESTALE;
    status = pyj_response_fits(request->rdata, code, text, msg_data);
    if (status != PJ_SUCCESS) {
        /* Another answer may fit. */
        pyj_held_put_back(request);
        return status;
    }
    if (code < 300)
        return accept_if_served(request, code, msg_data, subscriber);
    return pyj_held_refuse(request, code, text, msg_data ? &msg_data->hdr_list : NULL);
}

void pyj_subscribe_acc_ended(uint64_t acc_serial)
{
    pyj_held *request;

    while ((request = pyj_held_take(&is_of_account, &acc_serial)))
        give_up(request, PJSIP_SC_TEMPORARILY_UNAVAILABLE);
}
