#include "buddies.h"

#include <pthread.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "gate.h"
#include "structs.h"
#include "tables.h"

/* No callback takes it, so a dialog's lock may be waited for under it. */
static pthread_rwlock_t buddies = PTHREAD_RWLOCK_INITIALIZER;

uint64_t pyj_buddy_serial(pjsua_buddy_id id)
{
    return pjsua_buddy_is_valid(id) ? (uint64_t)(uintptr_t)pjsua_var.buddy[id].user_data : 0;
}

static pj_status_t check(pjsua_buddy_id id, uint64_t serial)
{
    return !pjsua_buddy_is_valid(id) || (serial && pyj_buddy_serial(id) != serial) ? PYJ_ESTALE : PJ_SUCCESS;
}

pj_status_t pyj_buddy_enter(pjsua_buddy_id id, uint64_t serial)
{
    pj_status_t status;

    pthread_rwlock_rdlock(&buddies);
    status = check(id, serial);
    if (status != PJ_SUCCESS)
        pthread_rwlock_unlock(&buddies);
    return status;
}

void pyj_buddies_enter(void)
{
    pthread_rwlock_rdlock(&buddies);
}

void pyj_buddy_leave(void)
{
    pthread_rwlock_unlock(&buddies);
}

pj_status_t pyj_buddy_add(const pjsua_buddy_config *cfg, pjsua_buddy_id *id)
{
    pj_status_t status;

    pthread_rwlock_wrlock(&buddies);
    status = pjsua_buddy_add(cfg, id);
    pthread_rwlock_unlock(&buddies);
    return status;
}

pj_status_t pyj_buddy_del(pjsua_buddy_id id, uint64_t serial)
{
    pj_status_t status;

    pthread_rwlock_wrlock(&buddies);
    status = check(id, serial);
    if (status == PJ_SUCCESS)
        status = pjsua_buddy_del(id);
    pthread_rwlock_unlock(&buddies);
    return status;
}

void pyj_buddies_del_of(pjsua_acc_id acc_id)
{
    pthread_rwlock_wrlock(&buddies);
    for (pjsua_buddy_id id = 0; id < (int)PJ_ARRAY_SIZE(pjsua_var.buddy); id++)
        if (pjsua_buddy_is_valid(id) && pjsua_var.buddy[id].acc_id == acc_id)
            pjsua_buddy_del(id);
    pthread_rwlock_unlock(&buddies);
}

/* pjsua's lock_buddy: the dialog's lock if there is one, else PJSUA's. */
static pj_status_t lock(pjsua_buddy_id id, pjsip_dialog **dlg)
{
    for (unsigned retry = 0; retry < 200; retry++) {
        if (PJSUA_TRY_LOCK() == PJ_SUCCESS) {
            *dlg = pjsua_var.buddy[id].dlg;
            if (!*dlg)
                return PJ_SUCCESS;
            if (pjsip_dlg_try_inc_lock(*dlg) == PJ_SUCCESS) {
                PJSUA_UNLOCK();
                return PJ_SUCCESS;
            }
            PJSUA_UNLOCK();
        }
        pj_thread_sleep(retry / 10);
    }
    return PJ_ETIMEDOUT;
}

static void unlock(pjsip_dialog *dlg)
{
    if (dlg)
        pjsip_dlg_dec_lock(dlg);
    else
        PJSUA_UNLOCK();
}

static void clear(pj_str_t *text)
{
    text->ptr = NULL;
    text->slen = 0;
}

static pj_str_t constant_text(const char *text)
{
    return pj_str((char *)text);
}

static void gather_subscription(const pjsua_buddy *buddy, pjsip_evsub_state *state, const char **name,
                                unsigned *code, pj_str_t *reason)
{
    *code = buddy->term_code;
    if (buddy->sub) {
        *state = pjsip_evsub_get_state(buddy->sub);
        *name = pjsip_evsub_get_state_name(buddy->sub);
        if (*state == PJSIP_EVSUB_STATE_TERMINATED)
            *reason = *pjsip_evsub_get_termination_reason(buddy->sub);
    } else {
        *name = "NULL";
        *reason = buddy->term_reason;
    }
}

void pyj_buddy_gather(pjsua_buddy_id id, pjsua_buddy_info *info)
{
    const pjsua_buddy *buddy = &pjsua_var.buddy[id];

    memset(info, 0, offsetof(pjsua_buddy_info, buf_));
    info->id = id;
    info->uri = buddy->uri;
    info->acc_id = buddy->acc_id;
    info->contact = buddy->contact;
    info->monitor_pres = buddy->monitor;
    info->status = PJSUA_BUDDY_STATUS_UNKNOWN;
    info->status_text = constant_text("?");
    if (buddy->sub && buddy->status.info_cnt) {
        pj_bool_t open = buddy->status.info[0].basic_open;

        info->pres_status = buddy->status;
        info->rpid = buddy->status.info[0].rpid;
        info->status = open ? PJSUA_BUDDY_STATUS_ONLINE : PJSUA_BUDDY_STATUS_OFFLINE;
        info->status_text = info->rpid.note.slen ? info->rpid.note : constant_text(open ? "Online" : "Offline");
    }
    gather_subscription(buddy, &info->sub_state, &info->sub_state_name, &info->sub_term_code,
                        &info->sub_term_reason);
}

void pyj_buddy_gather_dlg_event(pjsua_buddy_id id, pjsua_buddy_dlg_event_info *info)
{
    const pjsua_buddy *buddy = &pjsua_var.buddy[id];
    __typeof__(&buddy->dlg_ev_status.info[0]) from = &buddy->dlg_ev_status.info[0];

    memset(info, 0, offsetof(pjsua_buddy_dlg_event_info, buf_));
    info->id = id;
    info->uri = buddy->uri;
    gather_subscription(buddy, &info->sub_state, &info->sub_state_name, &info->sub_term_code,
                        &info->sub_term_reason);
    if (!buddy->sub || buddy->presence)
        return;
    info->dialog_info_state = from->dialog_info_state;
    info->dialog_info_entity = from->dialog_info_entity;
    if (!from->dialog_node)
        return;
    info->dialog_id = from->dialog_id;
    info->dialog_call_id = from->dialog_call_id;
    info->dialog_remote_tag = from->dialog_remote_tag;
    info->dialog_local_tag = from->dialog_local_tag;
    info->dialog_direction = from->dialog_direction;
    info->dialog_state = from->dialog_state;
    info->dialog_duration = from->dialog_duration;
    /* For an element that is not there PJSIP clears the pointer and keeps the length of the document before. */
    if (from->local_identity.ptr)
        info->local_identity = from->local_identity;
    if (from->local_identity_display.ptr)
        info->local_identity_display = from->local_identity_display;
    if (from->local_target_uri.ptr)
        info->local_target_uri = from->local_target_uri;
    if (from->remote_identity.ptr)
        info->remote_identity = from->remote_identity;
    if (from->remote_identity_display.ptr)
        info->remote_identity_display = from->remote_identity_display;
    if (from->remote_target_uri.ptr)
        info->remote_target_uri = from->remote_target_uri;
}

pj_status_t pyj_buddy_pack_info(pjsua_buddy_id id, void **block)
{
    pjsua_buddy_info info;
    pjsip_dialog *dlg;
    pj_status_t status = lock(id, &dlg);

    if (status == PJ_SUCCESS) {
        pyj_buddy_gather(id, &info);
        *block = pyj_pack_new(&pyj_structs[PYJ_BuddyInfo], &info);
        unlock(dlg);
    }
    return status;
}

pj_status_t pyj_buddy_pack_dlg_event_info(pjsua_buddy_id id, void **block)
{
    pjsua_buddy_dlg_event_info info;
    pjsip_dialog *dlg;
    pj_status_t status = lock(id, &dlg);

    if (status == PJ_SUCCESS) {
        pyj_buddy_gather_dlg_event(id, &info);
        *block = pyj_pack_new(&pyj_structs[PYJ_BuddyDlgEventInfo], &info);
        unlock(dlg);
    }
    return status;
}

void pyj_buddy_forget_dangling(pjsua_buddy_id id, const pjsip_event *event)
{
    pjsua_buddy *buddy = &pjsua_var.buddy[id];
    const pjsip_msg *msg;

    if (!event || event->type != PJSIP_EVENT_TSX_STATE || event->body.tsx_state.type != PJSIP_EVENT_RX_MSG)
        return;
    msg = event->body.tsx_state.src.rdata->msg_info.msg;
    if (msg->type != PJSIP_REQUEST_MSG)
        return;
    if (!buddy->presence) {
        if (!msg->body)
            memset(&buddy->dlg_ev_status, 0, sizeof(buddy->dlg_ev_status));
        return;
    }
    for (unsigned i = 0; i < buddy->status.info_cnt && i < PJSIP_PRES_STATUS_MAX_INFO; i++) {
        __typeof__(&buddy->status.info[0]) info = &buddy->status.info[i];

        /* No node: a document that was not PIDF, or none. Of either the basic status alone is its own. */
        if (!info->tuple_node) {
            clear(&info->id);
            clear(&info->contact);
            clear(&info->rpid.id);
            clear(&info->rpid.note);
        }
    }
}
