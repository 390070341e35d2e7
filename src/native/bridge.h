/* What the bridge can do and pjsua does not offer. */
#ifndef PYJ_BRIDGE_H
#define PYJ_BRIDGE_H

#include <pjsua-lib/pjsua.h>

/* pjmedia_conf_adjust_conn_level, with the gain as pjsua_conf_connect2 takes it. */
pj_status_t pyj_conf_adjust_conn_level(int source, int sink, float level);
/* pjmedia_wav_writer_port_get_pos: bytes of sound. */
pj_status_t pyj_recorder_get_pos(pjsua_recorder_id id, pj_ssize_t *bytes);

#endif
