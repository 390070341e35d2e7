/* What each event carries, as the trampolines fill it in; events/ names the same fields. */
#ifndef PYJ_EVENTS_H
#define PYJ_EVENTS_H

#include <pjsua-lib/pjsua.h>

#include "events_call.h"
#include "events_decision.h"
#include "structs.h"
#include "events_network.h"
#include "events_pcm.h"

typedef struct pyj_reg_info {
    pj_status_t status;
    pj_str_t status_text;
    int code;
    pj_str_t reason;
    unsigned expiration;
    pj_bool_t renew;
    pj_bool_t is_unreg;
    long retry_ms;
} pyj_reg_info;

typedef struct pyj_stream_stat {
    pj_str_t codec;
    unsigned clock_rate;
    unsigned channel_cnt;
    pj_sockaddr remote_addr;
    pjmedia_rtcp_stat rtcp;
    pjmedia_jb_state jbuf;
} pyj_stream_stat;

typedef struct pyj_echo_stat {
    pj_str_t name;
    int delay;
    double return_loss;
    double return_loss_enh;
    int std;
    float frac_delay;
    unsigned learning;
    unsigned duration;
    unsigned tail;
    int min_factor;
    int avg_factor;
    pj_str_t stat_info;
} pyj_echo_stat;

typedef struct pyj_limits {
    int max_calls;
    int max_accounts;
    int max_conf_ports;
    int max_players;
    int max_recorders;
    int max_transports;
    int max_pkt_len;
    int max_url_size;
    int max_handles;
} pyj_limits;

typedef struct pyj_on_call_state {
    pjsua_call_info info;
} pyj_on_call_state;

typedef struct pyj_on_incoming_call {
    pjsua_call_info info;
} pyj_on_incoming_call;

typedef struct pyj_on_call_tsx_state {
    pj_str_t method;
    pjsip_role_e role;
    pjsip_tsx_state_e state;
    int status_code;
    pj_int32_t cseq;
} pyj_on_call_tsx_state;

typedef struct pyj_on_call_media_state {
    pjsua_call_info info;
} pyj_on_call_media_state;

typedef struct pyj_on_stream {
    unsigned stream_idx;
    pyj_stream_stat stat;
} pyj_on_stream;

typedef struct pyj_on_dtmf_event {
    pj_str_t digit;
    pjsua_dtmf_method method;
    unsigned timestamp;
    unsigned duration;
    pj_bool_t is_update;
    pj_bool_t is_end;
} pyj_on_dtmf_event;

typedef struct pyj_on_reg_started2 {
    pj_bool_t renew;
} pyj_on_reg_started2;

typedef struct pyj_on_reg_state2 {
    pyj_reg_info info;
} pyj_on_reg_state2;

typedef struct pyj_on_conf_op_completed {
    int op;
    pj_status_t status;
    int source;
    int sink;
    float level;
} pyj_on_conf_op_completed;

typedef struct pyj_on_snd_dev_operation {
    pj_bool_t opening;
} pyj_on_snd_dev_operation;

typedef struct pyj_on_player_eof {
    pyj_serial_id player_id;
    unsigned moves;
} pyj_on_player_eof;

typedef struct pyj_on_tone_end {
    pyj_serial_id tonegen_id;
} pyj_on_tone_end;

typedef struct pyj_bye_response {
    pj_str_t call_id;
    int status_code;
    pj_str_t reason;
} pyj_bye_response;

typedef struct pyj_log_line {
    int level;
    pj_str_t text;
} pyj_log_line;

typedef struct pyj_sip_trace {
    pj_str_t account;
} pyj_sip_trace;

/* Of the record. */
typedef struct pyj_on_sip_message {
    char nothing;
} pyj_on_sip_message;

#endif
