/* What the events of an account that serves event packages carry. */
#ifndef PYJ_EVENTS_NOTIFIER_H
#define PYJ_EVENTS_NOTIFIER_H

#include <pjsua-lib/pjsua.h>

#include "structs.h"

typedef struct pyj_on_subscribe {
    pyj_serial_id request;
    pj_str_t from_uri;
    pj_str_t event;
    pj_str_t event_id;
    unsigned expires;
    int wait_ms;
} pyj_on_subscribe;

typedef struct pyj_on_subscribe_end {
    pyj_serial_id request;
    int code;
} pyj_on_subscribe_end;

typedef struct pyj_on_subscriber_refresh {
    pyj_serial_id subscriber;
    unsigned expires;
} pyj_on_subscriber_refresh;

typedef struct pyj_on_subscriber_state {
    pyj_serial_id subscriber;
    pjsip_evsub_state state;
    const char *state_name;
    int status_code;
    pj_str_t reason;
} pyj_on_subscriber_state;

typedef struct pyj_on_notify_status {
    pyj_serial_id subscriber;
    int cseq;
    int status_code;
    pj_str_t reason;
} pyj_on_notify_status;

#endif
