#include "bridge.h"

#include <pjsua-lib/pjsua_internal.h>

pj_status_t pyj_conf_adjust_conn_level(int source, int sink, float level)
{
    return pjmedia_conf_adjust_conn_level(pjsua_var.mconf, (unsigned)source, (unsigned)sink,
                                          (int)((level - 1) * 128));
}

pj_status_t pyj_recorder_get_pos(pjsua_recorder_id id, pj_ssize_t *bytes)
{
    pjmedia_port *port;
    pj_status_t status = pjsua_recorder_get_port(id, &port);

    if (status != PJ_SUCCESS)
        return status;
    *bytes = pjmedia_wav_writer_port_get_pos(port);
    return *bytes < 0 ? (pj_status_t)-*bytes : PJ_SUCCESS;
}
