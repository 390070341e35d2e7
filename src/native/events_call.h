/* What the events of calls and their media carry. Included by events.h. */
#ifndef PYJ_EVENTS_CALL_H
#define PYJ_EVENTS_CALL_H

#include <pjsua-lib/pjsua.h>

#include "media_info.h"
#include "structs.h"

typedef struct pyj_on_call_transfer_status {
    int st_code;
    pj_str_t st_text;
    pj_bool_t final;
} pyj_on_call_transfer_status;

typedef struct pyj_on_call_replaced {
    pyj_serial_id old_call_id;
    pyj_serial_id new_call_id;
} pyj_on_call_replaced;

typedef struct pyj_on_call_media_transport_state {
    unsigned med_idx;
    pjsua_med_tp_st state;
    pj_status_t status;
    int sip_err_code;
    pj_bool_t has_ice_op;
    pj_ice_strans_op ice_op;
} pyj_on_call_media_transport_state;

typedef struct pyj_on_ice_transport_error {
    pj_ice_strans_op op;
    pj_status_t status;
} pyj_on_ice_transport_error;

typedef struct pyj_on_call_media_event {
    unsigned med_idx;
    pyj_media_event event;
} pyj_on_call_media_event;

typedef struct pyj_on_media_event {
    pyj_media_event event;
} pyj_on_media_event;

#endif
