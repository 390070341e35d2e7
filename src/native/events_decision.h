/* Events of what PJSIP asks an application to decide, each with what was decided. */
#ifndef PYJ_EVENTS_DECISION_H
#define PYJ_EVENTS_DECISION_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

typedef enum pyj_when { PYJ_NOW, PYJ_LATER } pyj_when;

/* Requests that may wait ahead of PJSIP; flags, but for the first. */
typedef enum pyj_held_request {
    PYJ_HELD_FOR_STUN = 0,
    PYJ_HELD_TRANSFER = 1,
    PYJ_HELD_REPLACE = 2,
    PYJ_HELD_UPDATE = 4,
    PYJ_HELD_SUBSCRIBE = 8,
    PYJ_HELD_REINVITE = 16,
    PYJ_HELD_PACKAGE = 32, /* a SUBSCRIBE to what an account serves, whatever the policy */
} pyj_held_request;

/* What is decided where no hook answers. */
typedef struct pyj_policy {
    int call_transfer_request2;
    int call_replace_request2;
    pyj_when call_rx_reinvite;
    int call_rx_offer;
    pjsip_redirect_op call_redirected;
    pyj_when auth_challenge;
    int incoming_subscribe;
    pyj_held_request held_requests;
    int later_ms;
    pj_bool_t null_dev_on_error;
    pj_bool_t reg_backoff;
} pyj_policy;

/* The fields of a stream's info that may be changed before it is made. */
typedef struct pyj_stream_setting {
    int jb_init;
    int jb_min_pre;
    int jb_max_pre;
    int jb_max;
    pjmedia_jb_discard_algo jb_discard_algo;
    pj_bool_t rtcp_sdes_bye_disabled;
    int rx_event_pt;
} pyj_stream_setting;

typedef struct pyj_on_call_transfer_request2 {
    pj_str_t dst;
    int code;
    pjsua_call_setting opt;
} pyj_on_call_transfer_request2;

typedef struct pyj_on_call_replace_request2 {
    int code;
    pj_str_t reason;
    pjsua_call_setting opt;
} pyj_on_call_replace_request2;

typedef struct pyj_on_call_rx_offer {
    pj_str_t offer;
    int code;
    pjsua_call_setting opt;
} pyj_on_call_rx_offer;

typedef struct pyj_on_call_rx_reinvite {
    pj_str_t offer;
    pj_bool_t later;
} pyj_on_call_rx_reinvite;

typedef struct pyj_on_call_tx_offer {
    pjsua_call_setting opt;
} pyj_on_call_tx_offer;

typedef struct pyj_on_call_sdp_created {
    pj_str_t sdp;
    pj_str_t rem_sdp;
    pj_bool_t changed;
} pyj_on_call_sdp_created;

typedef struct pyj_on_call_redirected {
    pj_str_t target;
    pjsip_redirect_op op;
} pyj_on_call_redirected;

typedef struct pyj_on_auth_challenge {
    int challenge;
    pj_bool_t later;
    pj_str_t method;
} pyj_on_auth_challenge;

typedef struct pyj_on_acc_find_for_incoming {
    pj_bool_t changed;
} pyj_on_acc_find_for_incoming;

typedef struct pyj_on_create_media_transport_srtp {
    unsigned media_idx;
    pjmedia_srtp_use use;
} pyj_on_create_media_transport_srtp;

typedef struct pyj_on_stream_precreate {
    unsigned stream_idx;
    pj_bool_t changed;
    pyj_stream_setting setting;
} pyj_on_stream_precreate;

typedef struct pyj_on_held_request {
    pyj_serial_id request;
    pyj_held_request kind;
    int wait_ms;
} pyj_on_held_request;

typedef struct pyj_on_held_request_end {
    pyj_serial_id request;
    pyj_held_request kind;
    int code;
} pyj_on_held_request_end;

#endif
