#include "srv_pres.h"

#include <stdio.h>
#include <stdlib.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "gate.h"
#include "ids.h"

/* Guarded by PJSUA_LOCK. */
static struct entry {
    pjsua_srv_pres *srv_pres;
    uint64_t serial;
    pjsua_acc_id acc_id;
    uint64_t acc_serial;
} *entries;
static int entry_count;

static const pyj_serial_id nobody = {-1, 0};

void pyj_srv_pres_reset(void)
{
    free(entries);
    entries = NULL;
    entry_count = 0;
}

static int find(const pjsua_srv_pres *srv_pres)
{
    for (int i = 0; i < entry_count; i++)
        if (entries[i].srv_pres == srv_pres)
            return i;
    return -1;
}

pyj_serial_id pyj_srv_pres_add(pjsua_srv_pres *srv_pres, pjsua_acc_id acc_id)
{
    pyj_serial_id out = nobody;
    int at;

    /* One whose end nobody told may have lain at this address. */
    pyj_srv_pres_remove(srv_pres);
    at = find(NULL);
    if (at < 0) {
        int count = entry_count ? 2 * entry_count : 16;
        struct entry *grown = realloc(entries, (size_t)count * sizeof(*grown));

        if (!grown)
            return nobody;
        for (int i = entry_count; i < count; i++)
            grown[i].srv_pres = NULL;
        at = entry_count;
        entries = grown;
        entry_count = count;
    }
    entries[at].srv_pres = srv_pres;
    entries[at].serial = pyj_serial_new();
    entries[at].acc_id = acc_id;
    entries[at].acc_serial = pyj_acc_serial(acc_id);
    out.id = at;
    out.serial = (unsigned long)entries[at].serial;
    return out;
}

pyj_serial_id pyj_srv_pres_id(const pjsua_srv_pres *srv_pres, uint64_t *acc_serial)
{
    pyj_serial_id out = nobody;
    int at = find(srv_pres);

    if (at >= 0) {
        out.id = at;
        out.serial = (unsigned long)entries[at].serial;
        *acc_serial = entries[at].acc_serial;
    }
    return out;
}

void pyj_srv_pres_remove(const pjsua_srv_pres *srv_pres)
{
    int at = find(srv_pres);

    if (at >= 0)
        entries[at].srv_pres = NULL;
}

/* PJSIP's threads come with a dialog and take PJSUA_LOCK, so with that held a dialog may only be tried. */
static pj_status_t hold(int id, uint64_t serial, pjsua_acc_id acc_id, pjsua_srv_pres **srv_pres,
                        pjsip_dialog **dlg)
{
    for (unsigned retry = 0; retry < 2000; retry++) {
        PJSUA_LOCK();
        if (id < 0 || id >= entry_count || !entries[id].srv_pres || (serial && entries[id].serial != serial)) {
            PJSUA_UNLOCK();
            return PYJ_ESTALE;
        }
        *srv_pres = entries[id].srv_pres;
        if (entries[id].acc_id != acc_id || !pj_list_find_node(&pjsua_var.acc[acc_id].pres_srv_list, *srv_pres)) {
            PJSUA_UNLOCK();
            return entries[id].acc_id != acc_id ? PJ_EINVAL : PYJ_ESTALE;
        }
        *dlg = (*srv_pres)->dlg;
        if (pjsip_dlg_try_inc_lock(*dlg) == PJ_SUCCESS) {
            PJSUA_UNLOCK();
            return PJ_SUCCESS;
        }
        PJSUA_UNLOCK();
        pj_thread_sleep(1);
    }
    return PJ_ETIMEDOUT;
}

pj_status_t pyj_pres_notify(pjsua_acc_id acc_id, int id, uint64_t serial, pjsip_evsub_state state,
                            const pj_str_t *state_str, const pj_str_t *reason, pj_bool_t with_body,
                            const pjsua_msg_data *msg_data)
{
    pjsua_srv_pres *srv_pres;
    pjsip_dialog *dlg;
    pj_status_t status = hold(id, serial, acc_id, &srv_pres, &dlg);

    if (status == PJ_SUCCESS) {
        status = pjsua_pres_notify(acc_id, srv_pres, state, state_str, reason, with_body, msg_data);
        pjsip_dlg_dec_lock(dlg);
    }
    return status;
}

static void release(pjsip_dialog **held, unsigned count)
{
    while (count)
        pjsip_dlg_dec_lock(held[--count]);
}

/* All of the account's subscriptions and PJSUA_LOCK, or nothing. */
static pj_status_t hold_all(pjsua_acc_id acc_id, pjsip_dialog ***held, unsigned *count)
{
    for (unsigned retry = 0; retry < 2000; retry++) {
        pjsua_srv_pres *list = &pjsua_var.acc[acc_id].pres_srv_list;
        pjsua_srv_pres *each;
        pj_bool_t all = PJ_TRUE;

        *count = 0;
        PJSUA_LOCK();
        *held = malloc((pj_list_size(list) + 1) * sizeof(**held));
        if (!*held) {
            PJSUA_UNLOCK();
            return PJ_ENOMEM;
        }
        for (each = list->next; each != list && all; each = each->next) {
            all = pjsip_dlg_try_inc_lock(each->dlg) == PJ_SUCCESS;
            if (all)
                (*held)[(*count)++] = each->dlg;
        }
        if (all)
            return PJ_SUCCESS;
        PJSUA_UNLOCK();
        release(*held, *count);
        free(*held);
        pj_thread_sleep(1);
    }
    return PJ_ETIMEDOUT;
}

pj_status_t pyj_pres_set_online_status(pjsua_acc_id acc_id, pj_bool_t is_online, const pjrpid_element *rpid)
{
    pjsip_dialog **held;
    unsigned count;
    pj_status_t status = hold_all(acc_id, &held, &count);

    if (status != PJ_SUCCESS)
        return status;
    status = rpid ? pjsua_acc_set_online_status2(acc_id, is_online, rpid)
                  : pjsua_acc_set_online_status(acc_id, is_online);
    PJSUA_UNLOCK();
    release(held, count);
    free(held);
    return status;
}

typedef struct text {
    char *buf;
    int size, used;
} text;

#define ADD(to, ...)                                                                                      \
    do {                                                                                                  \
        int added_ = snprintf((to)->buf + (to)->used, (size_t)((to)->size - (to)->used), __VA_ARGS__);    \
        (to)->used = added_ < (to)->size - (to)->used ? (to)->used + added_ : (to)->size - 1;             \
    } while (0)

static unsigned dump_servers(text *to, pj_bool_t verbose)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua_var.acc); i++) {
        const pjsua_acc *acc = &pjsua_var.acc[i];
        const pjsua_srv_pres *each;

        if (!acc->valid)
            continue;
        if (verbose)
            ADD(to, "  %.*s\n", (int)acc->cfg.id.slen, acc->cfg.id.ptr);
        for (each = acc->pres_srv_list.next; each != &acc->pres_srv_list; each = each->next) {
            count++;
            if (verbose)
                ADD(to, "    %10s %s\n", pjsip_evsub_get_state_name(each->sub), each->remote);
        }
    }
    return count;
}

static unsigned dump_clients(text *to, pj_bool_t verbose)
{
    unsigned count = 0;

    for (unsigned i = 0; i < PJ_ARRAY_SIZE(pjsua_var.buddy); i++) {
        const pjsua_buddy *buddy = &pjsua_var.buddy[i];

        if (!buddy->uri.slen)
            continue;
        count += buddy->sub != NULL;
        if (verbose)
            ADD(to, "  %10s %.*s\n", buddy->sub ? pjsip_evsub_get_state_name(buddy->sub) : "(null)",
                (int)buddy->uri.slen, buddy->uri.ptr);
    }
    return count;
}

int pyj_pres_dump(char *buf, int size, pj_bool_t verbose)
{
    text to = {buf, size, 0};
    unsigned count;

    PJSUA_LOCK();
    if (verbose)
        ADD(&to, "Server subscriptions:\n");
    count = dump_servers(&to, verbose);
    if (!verbose)
        ADD(&to, "Number of server/UAS subscriptions: %u\n", count);
    else
        ADD(&to, "Client subscriptions:\n");
    count = dump_clients(&to, verbose);
    if (!verbose)
        ADD(&to, "Number of client/UAC subscriptions: %u\n", count);
    PJSUA_UNLOCK();
    return to.used;
}
