/* What the events of accounts' requests, timers, transports and the network carry. */
#ifndef PYJ_EVENTS_NETWORK_H
#define PYJ_EVENTS_NETWORK_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

enum { PYJ_MAX_ALT_NAMES = 16 };

typedef struct pyj_on_acc_send_request {
    unsigned long token;
    int status_code;
    pj_str_t reason;
} pyj_on_acc_send_request;

typedef struct pyj_on_rejected_incoming_call {
    pj_str_t local_info;
    pj_str_t remote_info;
    int st_code;
    pj_str_t st_text;
} pyj_on_rejected_incoming_call;

typedef struct pyj_on_timer {
    pyj_serial_id timer_id;
    unsigned long user_data;
} pyj_on_timer;

typedef struct pyj_on_nat_detect {
    pj_status_t status;
    pj_str_t status_text;
    pj_stun_nat_type nat_type;
    pj_str_t nat_type_name;
} pyj_on_nat_detect;

typedef struct pyj_on_stun_resolution_complete {
    unsigned long token;
    pj_status_t status;
    pj_str_t status_text;
    pj_str_t name;
    pj_sockaddr addr;
    int index;
} pyj_on_stun_resolution_complete;

typedef struct pyj_on_ip_change_progress {
    pjsua_ip_change_op op;
    pj_status_t status;
    int transport_id;
    pj_bool_t is_register;
    int code;
} pyj_on_ip_change_progress;

typedef struct pyj_tls_cert {
    pj_str_t subject_cn;
    pj_str_t subject;
    pj_str_t issuer_cn;
    pj_str_t issuer;
    pj_time_val valid_from;
    pj_time_val valid_until;
    unsigned alt_name_cnt;
    pj_str_t alt_names[PYJ_MAX_ALT_NAMES];
    pj_str_t raw;
} pyj_tls_cert;

typedef struct pyj_tls_info {
    pj_bool_t established;
    unsigned proto;
    pj_str_t cipher;
    unsigned verify_status;
    pyj_tls_cert remote_cert;
    pyj_tls_cert local_cert;
} pyj_tls_info;

typedef struct pyj_on_transport_state {
    pjsip_transport_state state;
    pjsip_transport_type_e type;
    pj_str_t type_name;
    pj_str_t info;
    pj_sockaddr local_addr;
    pj_str_t remote_host;
    int remote_port;
    pj_status_t status;
    pyj_tls_info tls;
} pyj_on_transport_state;

#endif
