# pjsua-lib: what the core needs of pjsua.h. Fields of structs stand in config.py, info.py and events.py,
# and reach C through the tables made from them.

from pjlib cimport *
from pjsip cimport *
from pjmedia cimport *
from pjnath cimport *

cdef extern from "<pjnath.h>" nogil:
    ctypedef enum pj_ice_strans_op:
        pass
    ctypedef enum pj_stun_nat_type:
        PJ_STUN_NAT_TYPE_UNKNOWN

cdef extern from "<pjsua-lib/pjsua.h>" nogil:
    ctypedef int pjsua_acc_id
    ctypedef int pjsua_buddy_id
    ctypedef int pjsua_call_id
    ctypedef int pjsua_transport_id
    ctypedef int pjsua_conf_port_id
    ctypedef int pjsua_player_id
    ctypedef int pjsua_recorder_id

    enum:
        PJSUA_INVALID_ID
        PJSUA_MAX_CALLS
        PJSUA_MAX_ACC
        PJSUA_MAX_BUDDIES
        PJSUA_ACC_MAX_PROXIES
        PJSUA_MAX_CONF_PORTS
        PJSUA_MAX_PLAYERS
        PJSUA_MAX_RECORDERS
        PJSUA_SND_NULL_DEV
        PJSUA_SND_NO_DEV
        PJSIP_MAX_PKT_LEN
        PJSIP_MAX_URL_SIZE
        PJ_IOQUEUE_MAX_HANDLES
        PJSUA_DESTROY_NO_TX_MSG

    ctypedef enum pjsua_state:
        PJSUA_STATE_NULL
        PJSUA_STATE_CREATED
        PJSUA_STATE_INIT
        PJSUA_STATE_STARTING
        PJSUA_STATE_RUNNING
        PJSUA_STATE_CLOSING

    # Life cycle and logging.
    ctypedef struct pjsua_logging_config:
        unsigned level
        unsigned console_level
        unsigned decor
        void (*cb)(int level, const char *data, int len)
    void pjsua_logging_config_default(pjsua_logging_config *cfg)

    ctypedef enum pjsua_dtmf_method:
        pass
    ctypedef struct pjsua_dtmf_event:
        pjsua_dtmf_method method
        unsigned timestamp
        unsigned digit
        unsigned duration
        unsigned flags
    enum:
        PJMEDIA_STREAM_DTMF_IS_UPDATE
        PJSUA_DTMF_METHOD_SIP_INFO
        PJMEDIA_STREAM_DTMF_IS_END

    ctypedef struct pjsua_reg_info:
        pjsip_regc_cbparam *cbparam
        pj_bool_t renew

    ctypedef struct pjsua_on_stream_created_param:
        pjmedia_stream *stream
        unsigned stream_idx

    ctypedef struct pjsua_srv_pres:
        pass
    ctypedef struct pjsua_msg_data:
        pj_str_t content_type
        pj_str_t msg_body
    ctypedef struct pjsua_mwi_info:
        pjsip_evsub *evsub
        pjsip_rx_data *rdata
    ctypedef struct pjsua_txt_stream_data:
        int seq
        unsigned ts
        pj_str_t text
    ctypedef enum pjsua_med_tp_st:
        pass
    ctypedef struct pjsua_med_tp_state_info:
        unsigned med_idx
        pjsua_med_tp_st state
        pj_status_t status
        int sip_err_code
        void *ext_info
    ctypedef enum pjmedia_type:
        PJMEDIA_TYPE_AUDIO
    ctypedef union pjsua_stream_info_union:
        pjmedia_stream_info aud
    ctypedef struct pjsua_stream_info:
        pjmedia_type type
        pjsua_stream_info_union info

    ctypedef struct pjsua_call_setting:
        unsigned flag
        unsigned aud_cnt
        unsigned vid_cnt
        unsigned txt_cnt
        pj_str_t custom_call_id

    ctypedef struct pjsua_on_stream_precreate_param:
        unsigned stream_idx
        pjsua_stream_info stream_info

    ctypedef struct pjsua_on_auth_challenge_param:
        pjsua_acc_id acc_id
        pjsua_call_id call_id
        const pjsip_rx_data *rdata
        pjsip_tx_data *tdata
        pj_bool_t handled

    # The network.
    ctypedef struct pj_stun_nat_detect_result:
        pj_status_t status
        const char *status_text
        pj_stun_nat_type nat_type
        const char *nat_type_name
    ctypedef struct pj_stun_resolve_result:
        pj_status_t status
    ctypedef enum pjsua_ip_change_op:
        pass
    ctypedef union pjsua_ip_change_op_info:
        pass
    ctypedef struct pjsua_ip_change_param:
        pass
    void pjsua_ip_change_param_default(pjsua_ip_change_param *param)
    pj_status_t pjsua_handle_ip_change(const pjsua_ip_change_param *param)
    pj_status_t pjsua_update_stun_servers(unsigned count, pj_str_t srv[], pj_bool_t wait)
    pj_status_t pjsua_cancel_stun_resolution(void *token, pj_bool_t notify_cb)
    pj_status_t pjsua_detect_nat_type()
    pj_status_t pjsua_get_nat_type(pj_stun_nat_type *type)
    void pjsua_perror(const char *sender, const char *title, pj_status_t status)

    ctypedef struct pjsua_on_rejected_incoming_call_param:
        pjsua_call_id call_id
        pj_str_t local_info
        pj_str_t remote_info
        int st_code
        pj_str_t st_text
        pjsip_rx_data *rdata

    ctypedef enum pjmedia_srtp_use:
        pass
    ctypedef struct pjmedia_srtp_setting:
        pjmedia_srtp_use use

    ctypedef struct pjsua_callback:
        void (*on_incoming_subscribe)(pjsua_acc_id acc_id, pjsua_srv_pres *srv_pres, pjsua_buddy_id buddy_id,
                                      const pj_str_t *from_, pjsip_rx_data *rdata, pjsip_status_code *code,
                                      pj_str_t *reason, pjsua_msg_data *msg_data) noexcept
        void (*on_srv_subscribe_state)(pjsua_acc_id acc_id, pjsua_srv_pres *srv_pres, const pj_str_t *remote_uri,
                                       pjsip_evsub_state state, pjsip_event *event) noexcept
        void (*on_buddy_state)(pjsua_buddy_id buddy_id) noexcept
        void (*on_buddy_dlg_event_state)(pjsua_buddy_id buddy_id) noexcept
        void (*on_buddy_evsub_state)(pjsua_buddy_id buddy_id, pjsip_evsub *sub, pjsip_event *event) noexcept
        void (*on_buddy_evsub_dlg_event_state)(pjsua_buddy_id buddy_id, pjsip_evsub *sub,
                                               pjsip_event *event) noexcept
        void (*on_pager2)(pjsua_call_id call_id, const pj_str_t *from_, const pj_str_t *to, const pj_str_t *contact,
                          const pj_str_t *mime_type, const pj_str_t *body, pjsip_rx_data *rdata,
                          pjsua_acc_id acc_id) noexcept
        void (*on_pager_status2)(pjsua_call_id call_id, const pj_str_t *to, const pj_str_t *body, void *user_data,
                                 pjsip_status_code status, const pj_str_t *reason, pjsip_tx_data *tdata,
                                 pjsip_rx_data *rdata, pjsua_acc_id acc_id) noexcept
        void (*on_typing2)(pjsua_call_id call_id, const pj_str_t *from_, const pj_str_t *to, const pj_str_t *contact,
                           pj_bool_t is_typing, pjsip_rx_data *rdata, pjsua_acc_id acc_id) noexcept
        void (*on_mwi_state)(pjsua_acc_id acc_id, pjsip_evsub *evsub) noexcept
        void (*on_mwi_info)(pjsua_acc_id acc_id, pjsua_mwi_info *mwi_info) noexcept
        void (*on_call_rx_text)(pjsua_call_id call_id, const pjsua_txt_stream_data *data) noexcept
        void (*on_call_state)(pjsua_call_id call_id, pjsip_event *e) noexcept
        void (*on_incoming_call)(pjsua_acc_id acc_id, pjsua_call_id call_id, pjsip_rx_data *rdata) noexcept
        void (*on_call_tsx_state)(pjsua_call_id call_id, pjsip_transaction *tsx, pjsip_event *e) noexcept
        void (*on_call_transfer_status)(pjsua_call_id call_id, int st_code, const pj_str_t *st_text,
                                        pj_bool_t final, pj_bool_t *p_cont) noexcept
        void (*on_call_replaced)(pjsua_call_id old_call_id, pjsua_call_id new_call_id) noexcept
        void (*on_call_media_state)(pjsua_call_id call_id) noexcept
        pj_status_t (*on_call_media_transport_state)(pjsua_call_id call_id,
                                                     const pjsua_med_tp_state_info *info) noexcept
        void (*on_ice_transport_error)(int index, pj_ice_strans_op op, pj_status_t status, void *param) noexcept
        void (*on_call_media_event)(pjsua_call_id call_id, unsigned med_idx, pjmedia_event *event) noexcept
        void (*on_media_event)(pjmedia_event *event) noexcept
        void (*on_call_sdp_created)(pjsua_call_id call_id, pjmedia_sdp_session *sdp, pj_pool_t *pool,
                                    const pjmedia_sdp_session *rem_sdp) noexcept
        void (*on_create_media_transport_srtp)(pjsua_call_id call_id, unsigned media_idx,
                                               pjmedia_srtp_setting *srtp_opt) noexcept
        void (*on_stream_precreate)(pjsua_call_id call_id, pjsua_on_stream_precreate_param *param) noexcept
        void (*on_call_transfer_request2)(pjsua_call_id call_id, const pj_str_t *dst, pjsip_status_code *code,
                                          pjsua_call_setting *opt) noexcept
        void (*on_call_replace_request2)(pjsua_call_id call_id, pjsip_rx_data *rdata, int *st_code,
                                         pj_str_t *st_text, pjsua_call_setting *opt) noexcept
        void (*on_call_rx_offer)(pjsua_call_id call_id, const pjmedia_sdp_session *offer, void *reserved,
                                 pjsip_status_code *code, pjsua_call_setting *opt) noexcept
        void (*on_call_rx_reinvite)(pjsua_call_id call_id, const pjmedia_sdp_session *offer,
                                    pjsip_rx_data *rdata, void *reserved, pj_bool_t *is_async, pjsip_status_code *code,
                                    pjsua_call_setting *opt) noexcept
        void (*on_call_tx_offer)(pjsua_call_id call_id, void *reserved, pjsua_call_setting *opt) noexcept
        pjsip_redirect_op (*on_call_redirected)(pjsua_call_id call_id, const pjsip_uri *target,
                                                const pjsip_event *e) noexcept
        void (*on_acc_find_for_incoming)(const pjsip_rx_data *rdata, pjsua_acc_id *acc_id) noexcept
        void (*on_auth_challenge)(pjsua_on_auth_challenge_param *param) noexcept
        void (*on_stream_created2)(pjsua_call_id call_id, pjsua_on_stream_created_param *param) noexcept
        void (*on_stream_destroyed)(pjsua_call_id call_id, pjmedia_stream *strm, unsigned stream_idx) noexcept
        void (*on_dtmf_event)(pjsua_call_id call_id, const pjsua_dtmf_event *event) noexcept
        void (*on_reg_started2)(pjsua_acc_id acc_id, pjsua_reg_info *info) noexcept
        void (*on_reg_state2)(pjsua_acc_id acc_id, pjsua_reg_info *info) noexcept
        void (*on_acc_send_request)(pjsua_acc_id acc_id, void *token, pjsip_event *event) noexcept
        void (*on_rejected_incoming_call)(const pjsua_on_rejected_incoming_call_param *param) noexcept
        void (*on_nat_detect)(const pj_stun_nat_detect_result *res) noexcept
        void (*on_stun_resolution_complete)(const pj_stun_resolve_result *result) noexcept
        void (*on_ip_change_progress)(pjsua_ip_change_op op, pj_status_t status,
                                      const pjsua_ip_change_op_info *info) noexcept
        void (*on_transport_state)(pjsip_transport *tp, pjsip_transport_state state,
                                   const pjsip_transport_state_info *info) noexcept
        pj_status_t (*on_snd_dev_operation)(int operation) noexcept
        void (*on_conf_op_completed)(const pjmedia_conf_op_info *info) noexcept

    ctypedef enum pjsua_100rel_use:
        pass
    ctypedef enum pjsua_sip_timer_use:
        pass
    ctypedef enum pjsua_sip_siprec_use:
        pass
    ctypedef struct pjsua_srtp_opt:
        pass
    void pjsua_srtp_opt_default(pjsua_srtp_opt *cfg)
    ctypedef struct pjsua_config:
        unsigned max_calls
        unsigned thread_cnt
        pjsua_100rel_use require_100rel
        pjsua_sip_timer_use use_timer
        pjsua_sip_siprec_use use_siprec
        pjsip_timer_setting timer_setting
        pjmedia_srtp_use use_srtp
        int srtp_secure_signaling
        pj_bool_t srtp_optional_dup_offer
        pjsua_srtp_opt srtp_opt
        pjsua_callback cb
    void pjsua_config_default(pjsua_config *cfg)

    ctypedef struct pjsua_media_config:
        unsigned clock_rate
        unsigned snd_clock_rate
        unsigned channel_count
        unsigned audio_frame_ptime
        unsigned max_media_ports
        unsigned conf_threads
        unsigned thread_cnt
        unsigned quality
        int jb_max
        int snd_auto_close_time
    void pjsua_media_config_default(pjsua_media_config *cfg)

    int pjsua_handle_events(unsigned msec_timeout)

    # Transports.
    ctypedef struct pjsua_transport_config:
        unsigned port
    void pjsua_transport_config_default(pjsua_transport_config *cfg)
    ctypedef struct pjsua_transport_info:
        pjsua_transport_id id
    pj_status_t pjsua_transport_create(pjsip_transport_type_e type, const pjsua_transport_config *cfg,
                                       pjsua_transport_id *p_id)
    pj_status_t pjsua_enum_transports(pjsua_transport_id id[], unsigned *count)
    pj_status_t pjsua_transport_get_info(pjsua_transport_id id, pjsua_transport_info *info)
    pj_status_t pjsua_transport_close(pjsua_transport_id id, pj_bool_t force)
    pj_status_t pjsua_transport_lis_start(pjsua_transport_id id, const pjsua_transport_config *cfg)
    pj_status_t pjsua_transport_lis_restart(pjsua_transport_id id, const pjsua_transport_config *cfg)

    # Accounts.
    ctypedef struct pjsua_ice_config:
        pj_bool_t enable_ice
    void pjsua_ice_config_from_media_config(pj_pool_t *pool, pjsua_ice_config *dst, const pjsua_media_config *src)
    ctypedef struct pjsua_turn_config:
        pj_bool_t enable_turn
    void pjsua_turn_config_from_media_config(pj_pool_t *pool, pjsua_turn_config *dst,
                                             const pjsua_media_config *src)
    ctypedef struct pjsua_ip_change_acc_cfg:
        pj_bool_t shutdown_tp
    ctypedef struct pjsua_acc_config:
        pj_str_t id
        pjsua_transport_id transport_id
        pjsua_ice_config ice_cfg
        pjsua_turn_config turn_cfg
        pjsua_ip_change_acc_cfg ip_change_cfg
        void *user_data
        pjsua_100rel_use require_100rel
        pjsua_sip_timer_use use_timer
        pjsua_sip_siprec_use use_siprec
        pjsip_timer_setting timer_setting
        pjmedia_srtp_use use_srtp
        int srtp_secure_signaling
        pj_bool_t srtp_optional_dup_offer
        pjsua_srtp_opt srtp_opt
    void pjsua_acc_config_default(pjsua_acc_config *cfg)
    ctypedef struct pjsua_acc_info:
        pjsua_acc_id id
    ctypedef struct pjsua_acc_del_param:
        pj_bool_t force
    void pjsua_acc_del_param_default(pjsua_acc_del_param *prm)
    ctypedef struct pjrpid_element:
        pass
    pjsua_acc_id pjsua_acc_find_for_outgoing(const pj_str_t *url)
    pj_status_t pjsua_acc_set_transport(pjsua_acc_id acc_id, pjsua_transport_id tp_id)
    pj_status_t pjsua_acc_add(const pjsua_acc_config *cfg, pj_bool_t is_default, pjsua_acc_id *p_acc_id)
    pj_status_t pjsua_acc_add_local(pjsua_transport_id tid, pj_bool_t is_default, pjsua_acc_id *p_acc_id)
    pj_status_t pjsua_acc_set_user_data(pjsua_acc_id acc_id, void *user_data)
    pj_status_t pjsua_acc_del(pjsua_acc_id acc_id)
    pj_status_t pjsua_acc_modify(pjsua_acc_id acc_id, const pjsua_acc_config *cfg)
    pj_status_t pjsua_acc_set_registration(pjsua_acc_id acc_id, pj_bool_t renew)
    pj_status_t pjsua_acc_get_info(pjsua_acc_id acc_id, pjsua_acc_info *info)
    pj_status_t pjsua_enum_accs(pjsua_acc_id ids[], unsigned *count)
    unsigned pjsua_acc_get_count()
    pj_bool_t pjsua_acc_is_valid(pjsua_acc_id acc_id)
    pjsua_acc_id pjsua_acc_get_default()
    pj_status_t pjsua_acc_set_default(pjsua_acc_id acc_id)

    # Buddies, presence, messages.
    ctypedef struct pjsua_buddy_config:
        void *user_data
    void pjsua_buddy_config_default(pjsua_buddy_config *cfg)
    ctypedef struct pjsua_buddy_info:
        pass
    ctypedef struct pjsua_buddy_dlg_event_info:
        pass
    unsigned pjsua_get_buddy_count()
    pj_status_t pjsua_enum_buddies(pjsua_buddy_id ids[], unsigned *count)
    pjsua_buddy_id pjsua_buddy_find(const pj_str_t *uri)
    pj_status_t pjsua_buddy_subscribe_pres(pjsua_buddy_id buddy_id, pj_bool_t subscribe)
    pj_status_t pjsua_buddy_subscribe_dlg_event(pjsua_buddy_id buddy_id, pj_bool_t subscribe)
    pj_status_t pjsua_buddy_update_pres(pjsua_buddy_id buddy_id)
    pj_status_t pjsua_buddy_update_dlg_event(pjsua_buddy_id buddy_id)
    pj_status_t pjsua_im_send(pjsua_acc_id acc_id, const pj_str_t *to, const pj_str_t *mime_type,
                              const pj_str_t *content, const pjsua_msg_data *msg_data, void *user_data)
    pj_status_t pjsua_im_typing(pjsua_acc_id acc_id, const pj_str_t *to, pj_bool_t is_typing,
                                const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_send_im(pjsua_call_id call_id, const pj_str_t *mime_type, const pj_str_t *content,
                                   const pjsua_msg_data *msg_data, void *user_data)
    pj_status_t pjsua_call_send_typing_ind(pjsua_call_id call_id, pj_bool_t is_typing,
                                           const pjsua_msg_data *msg_data)
    ctypedef struct pjsua_call_send_text_param:
        pass
    void pjsua_call_send_text_param_default(pjsua_call_send_text_param *param)
    pj_status_t pjsua_call_send_text(pjsua_call_id call_id, const pjsua_call_send_text_param *param)

    # Messages and calls.
    void pjsua_msg_data_init(pjsua_msg_data *msg_data)
    enum:
        PJSUA_CALL_INCLUDE_DISABLED_MEDIA
        PJSUA_CALL_UNHOLD
        PJSUA_CALL_NO_SDP_OFFER
    void pjsua_call_setting_default(pjsua_call_setting *opt)
    ctypedef struct pjsua_call_info:
        pjsip_inv_state state
    pj_status_t pjsua_call_make_call(pjsua_acc_id acc_id, const pj_str_t *dst_uri, const pjsua_call_setting *opt,
                                     void *user_data, const pjsua_msg_data *msg_data, pjsua_call_id *p_call_id)
    pj_status_t pjsua_call_get_info(pjsua_call_id call_id, pjsua_call_info *info)
    pj_status_t pjsua_call_answer2(pjsua_call_id call_id, const pjsua_call_setting *opt, unsigned code,
                                   const pj_str_t *reason, const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_hangup(pjsua_call_id call_id, unsigned code, const pj_str_t *reason,
                                  const pjsua_msg_data *msg_data)
    void pjsua_call_hangup_all()
    unsigned pjsua_call_get_count()
    unsigned pjsua_call_get_max_count()
    pj_status_t pjsua_enum_calls(pjsua_call_id ids[], unsigned *count)
    pj_bool_t pjsua_call_is_active(pjsua_call_id call_id)
    pj_bool_t pjsua_call_has_media(pjsua_call_id call_id)
    pjsua_conf_port_id pjsua_call_get_conf_port(pjsua_call_id call_id)
    pj_status_t pjsua_call_set_hold2(pjsua_call_id call_id, unsigned options, const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_reinvite2(pjsua_call_id call_id, const pjsua_call_setting *opt,
                                     const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_reinvite(pjsua_call_id call_id, unsigned options, const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_update(pjsua_call_id call_id, unsigned options, const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_update2(pjsua_call_id call_id, const pjsua_call_setting *opt,
                                   const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_xfer(pjsua_call_id call_id, const pj_str_t *dest, const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_xfer_replaces(pjsua_call_id call_id, pjsua_call_id dest_call_id, unsigned options,
                                         const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_send_request(pjsua_call_id call_id, const pj_str_t *method,
                                        const pjsua_msg_data *msg_data)
    pj_status_t pjsua_call_dial_dtmf2(pjsua_call_id call_id, const pj_str_t *digits, unsigned duration)
    pj_status_t pjsua_call_get_queued_dtmf_digits(pjsua_call_id call_id, unsigned *digits)
    pjsip_dialog_cap_status pjsua_call_remote_has_cap(pjsua_call_id call_id, int htype, const pj_str_t *hname,
                                                      const pj_str_t *token)
    pj_status_t pjsua_call_get_rem_nat_type(pjsua_call_id call_id, pj_stun_nat_type *p_type)
    ctypedef struct pjsua_call_send_dtmf_param:
        pjsua_dtmf_method method
        unsigned duration
        pj_str_t digits
    void pjsua_call_send_dtmf_param_default(pjsua_call_send_dtmf_param *param)
    pj_status_t pjsua_call_send_dtmf(pjsua_call_id call_id, const pjsua_call_send_dtmf_param *param)
    pj_status_t pjsua_call_dump(pjsua_call_id call_id, pj_bool_t with_media, char *buffer, unsigned maxlen,
                                const char *indent)
    ctypedef struct pjsua_stream_stat:
        pjmedia_rtcp_stat rtcp
        pjmedia_jb_state jbuf
    pj_status_t pjsua_call_get_stream_stat(pjsua_call_id call_id, unsigned med_idx, pjsua_stream_stat *stat)
    pj_status_t pjsua_call_get_stream_info(pjsua_call_id call_id, unsigned med_idx, pjsua_stream_info *psi)

    # The conference bridge.
    ctypedef struct pjsua_conf_port_info:
        pass
    ctypedef struct pjsua_conf_connect_param:
        float level
    void pjsua_conf_connect_param_default(pjsua_conf_connect_param *prm)
    unsigned pjsua_conf_get_max_ports()
    unsigned pjsua_conf_get_active_ports()
    pj_status_t pjsua_enum_conf_ports(pjsua_conf_port_id id[], unsigned *count)
    pj_status_t pjsua_conf_get_port_info(pjsua_conf_port_id port_id, pjsua_conf_port_info *info)
    pj_status_t pjsua_conf_connect(pjsua_conf_port_id source, pjsua_conf_port_id sink)
    pj_status_t pjsua_conf_connect2(pjsua_conf_port_id source, pjsua_conf_port_id sink,
                                    const pjsua_conf_connect_param *prm)
    pj_status_t pjsua_conf_configure_port(pjsua_conf_port_id slot, pjmedia_port_op tx, pjmedia_port_op rx)
    pj_status_t pjsua_conf_disconnect(pjsua_conf_port_id source, pjsua_conf_port_id sink)
    pj_status_t pjsua_conf_adjust_tx_level(pjsua_conf_port_id slot, float level)
    pj_status_t pjsua_conf_adjust_rx_level(pjsua_conf_port_id slot, float level)
    pj_status_t pjsua_conf_get_signal_level(pjsua_conf_port_id slot, unsigned *tx_level, unsigned *rx_level)

    # WAV files.
    pj_status_t pjsua_player_get_info(pjsua_player_id id, pjmedia_wav_player_info *info)
    pjsua_conf_port_id pjsua_player_get_conf_port(pjsua_player_id id)
    pj_ssize_t pjsua_player_get_pos(pjsua_player_id id)
    pj_status_t pjsua_player_destroy(pjsua_player_id id)
    pj_status_t pjsua_recorder_create(const pj_str_t *filename, unsigned enc_type, void *enc_param,
                                      pj_ssize_t max_size, unsigned options, pjsua_recorder_id *p_id)
    pjsua_conf_port_id pjsua_recorder_get_conf_port(pjsua_recorder_id id)
    pj_status_t pjsua_recorder_destroy(pjsua_recorder_id id)

    # Sound devices and codecs.
    pj_status_t pjsua_enum_aud_devs(pjmedia_aud_dev_info info[], unsigned *count)
    pj_status_t pjsua_get_snd_dev(int *capture_dev, int *playback_dev)
    pj_status_t pjsua_set_snd_dev(int capture_dev, int playback_dev)
    ctypedef struct pjsua_snd_dev_param:
        int capture_dev
        int playback_dev
        unsigned mode
    void pjsua_snd_dev_param_default(pjsua_snd_dev_param *prm)
    pj_status_t pjsua_get_snd_dev2(pjsua_snd_dev_param *snd_param)
    pj_status_t pjsua_set_snd_dev2(const pjsua_snd_dev_param *snd_param)
    pj_status_t pjsua_enum_snd_devs(pjmedia_snd_dev_info info[], unsigned *count)
    pj_status_t pjsua_set_null_snd_dev()
    pjmedia_port *pjsua_set_no_snd_dev()
    pj_status_t pjsua_set_ec(unsigned tail_ms, unsigned options)
    pj_status_t pjsua_get_ec_tail(unsigned *p_tail_ms)
    pj_status_t pjsua_snd_set_setting(pjmedia_aud_dev_cap cap, const void *pval, pj_bool_t keep)
    pj_bool_t pjsua_snd_is_active()
    ctypedef struct pjsua_codec_info:
        pass
    pj_status_t pjsua_enum_codecs(pjsua_codec_info id[], unsigned *count)
    pj_status_t pjsua_codec_set_priority(const pj_str_t *codec_id, pj_uint8_t priority)
