#include "dump.h"

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "ids.h"
#include "log.h"

#define THIS_FILE "dump.c"

/* pjsua_dump looks at every call's media transports without a lock: here each call is held meanwhile. */
static void dump_media(pjsua_call_id id)
{
    void *dialog;

    if (!pjsua_call_is_active(id) || pyj_call_enter(id, 0, &dialog) != PJ_SUCCESS)
        return;
    for (unsigned i = 0; i < pjsua_var.calls[id].med_cnt; i++) {
        pjmedia_transport_info info;
        char addr[PJ_INET6_ADDRSTRLEN + 10];

        pjmedia_transport_info_init(&info);
        if (pjsua_call_get_med_transport_info(id, i, &info) == PJ_SUCCESS)
            PJ_LOG(3, (THIS_FILE, " %s: %s",
                       pjsua_var.acc[pjsua_var.calls[id].acc_id].cfg.ice_cfg.enable_ice ? "ICE" : "UDP",
                       pj_sockaddr_print(&info.sock_info.rtp_addr_name, addr, sizeof(addr), 3)));
    }
    pyj_call_leave(dialog);
}

char *pyj_dump(pj_bool_t detail)
{
    if (!pyj_log_capture_begin())
        return NULL;
    PJ_LOG(3, (THIS_FILE, "Start dumping application states:"));
    if (detail) {
        pj_dump_config();
        pjsip_dump_config();
    }
    pjsip_endpt_dump(pjsua_var.endpt, detail);
    pjmedia_endpt_dump(pjsua_var.med_endpt);
    PJ_LOG(3, (THIS_FILE, "Dumping media transports:"));
    for (unsigned i = 0; i < pjsua_var.ua_cfg.max_calls; i++)
        dump_media((pjsua_call_id)i);
    pjsip_tsx_layer_dump(detail);
    pjsip_ua_dump(detail);
    pjsua_pres_dump(detail);
    PJ_LOG(3, (THIS_FILE, "Dump complete"));
    return pyj_log_capture_end();
}
