/* What the events of presence, messages, message waiting and real-time text carry. */
#ifndef PYJ_EVENTS_PRESENCE_H
#define PYJ_EVENTS_PRESENCE_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

/* The unnamed element of pjsip_pres_status.info. */
typedef __typeof__(((pjsip_pres_status *)0)->info[0]) pyj_pres_info;

typedef struct pyj_on_incoming_subscribe {
    pyj_serial_id srv_pres;
    pyj_serial_id buddy_id;
    pj_str_t from_uri;
    int code;
} pyj_on_incoming_subscribe;

typedef struct pyj_on_srv_subscribe_state {
    pyj_serial_id srv_pres;
    pj_str_t remote_uri;
    pjsip_evsub_state state;
} pyj_on_srv_subscribe_state;

typedef struct pyj_on_buddy_state {
    pyj_serial_id buddy_id;
    pjsua_buddy_info info;
} pyj_on_buddy_state;

typedef struct pyj_on_buddy_dlg_event_state {
    pyj_serial_id buddy_id;
    pjsua_buddy_dlg_event_info info;
} pyj_on_buddy_dlg_event_state;

typedef struct pyj_on_buddy_evsub_state {
    pyj_serial_id buddy_id;
    pjsip_evsub_state state;
    const char *state_name;
    pj_str_t term_reason;
} pyj_on_buddy_evsub_state;

typedef struct pyj_on_pager {
    pyj_serial_id request;
    pj_str_t from_uri;
    pj_str_t to_uri;
    pj_str_t contact;
    pj_str_t mime_type;
    pj_str_t body;
} pyj_on_pager;

typedef struct pyj_on_pager_status {
    pj_str_t to_uri;
    pj_str_t body;
    unsigned long user_data;
    int status;
    pj_str_t reason;
} pyj_on_pager_status;

typedef struct pyj_on_typing {
    pj_str_t from_uri;
    pj_str_t to_uri;
    pj_str_t contact;
    pj_bool_t is_typing;
} pyj_on_typing;

typedef struct pyj_on_mwi_state {
    pjsip_evsub_state state;
    const char *state_name;
    pj_str_t term_reason;
} pyj_on_mwi_state;

typedef struct pyj_on_mwi_info {
    pj_bool_t solicited;
} pyj_on_mwi_info;

typedef struct pyj_on_subscription_state {
    pyj_serial_id subscription;
    pjsip_evsub_state state;
    const char *state_name;
    int status_code;
    pj_str_t reason;
} pyj_on_subscription_state;

typedef struct pyj_on_notify {
    pyj_serial_id subscription;
    pj_str_t event;
    pj_str_t state;
    pj_str_t reason;
    int expires;
    int retry_after;
} pyj_on_notify;

typedef struct pyj_on_call_rx_text {
    pjsua_txt_stream_data data;
} pyj_on_call_rx_text;

#endif
