# Our own C, in src/native: what an event carries, and the tables it is copied by.

from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint32_t, uint64_t

cimport pj

cdef extern from "message.h" nogil:
    ctypedef struct pyj_message:
        uint32_t len
        uint8_t sent
        char transport[12]
        char *remote
        char *local
        char *data
    pyj_message *pyj_message_from_rdata(pj.pjsip_rx_data *rdata)
    pyj_message *pyj_message_from_event(const pj.pjsip_event *event)
    void pyj_message_release(pyj_message *message)

cdef extern from "record.h" nogil:
    ctypedef struct pyj_record:
        uint16_t kind
        uint64_t seq
        uint64_t time_ns
        uint32_t epoch
        int32_t call_id
        int32_t acc_id
        uint64_t call_serial
        uint64_t acc_serial
        pyj_message *message
        char *payload

cdef extern from "structs.h" nogil:
    enum:
        PYJ_C_INT, PYJ_C_UINT, PYJ_C_UINT8, PYJ_C_UINT16, PYJ_C_INT16, PYJ_C_LONG, PYJ_C_ULONG, PYJ_C_FLOAT
        PYJ_C_DOUBLE
        PYJ_C_CHARS, PYJ_C_PJSTR, PYJ_C_TIME, PYJ_C_SOCKADDR, PYJ_C_HEADERS, PYJ_C_PAIRS, PYJ_C_STRUCT
        PYJ_C_CSTR, PYJ_C_SERIAL_ID, PYJ_C_MEDIA_TYPE, PYJ_C_PARTS, PYJ_C_BYTE
        PYJ_AS_PLAIN, PYJ_AS_BOOL, PYJ_AS_ENUM, PYJ_AS_ID, PYJ_AS_STRUCT, PYJ_AS_HEADERS, PYJ_AS_BYTES
        PYJ_AS_XML, PYJ_AS_OBJECT
        PYJ_AS_SEQ, PYJ_AS_MONOTONIC, PYJ_AS_CALL, PYJ_AS_ACC, PYJ_AS_MESSAGE
        PYJ_NO_COUNT
    ctypedef struct pyj_serial_id:
        int id
        unsigned long serial
    ctypedef struct pyj_field:
        const char *name
        uint8_t ctype
        uint8_t as_ "as"
        int16_t arg
        uint32_t offset
        uint32_t size
        uint32_t count_offset
        uint32_t capacity
        uint8_t pointed
    ctypedef struct pyj_struct:
        const char *name
        const char *c_name
        uint32_t size
        uint32_t field_count
        const pyj_field *fields
    ctypedef struct pyj_constant:
        const char *name
        long value
    const pyj_struct pyj_structs[]
    const char *const pyj_enum_names[]
    const char *const pyj_id_names[]
    const pyj_constant pyj_constants[]
    const unsigned pyj_constant_count
    void *pyj_pack_new(const pyj_struct *shape, const void *value)
    ctypedef struct pyj_part:
        pj.pjsip_multipart_part part
    void pyj_part_init(pyj_part *part)
    void pyj_part_finish(pyj_part *part)
    pj.pj_status_t pyj_sockaddr_parse(const pj.pj_str_t *text, pj.pj_sockaddr *out)
    void *pyj_intern(const void *data, size_t size)

cdef extern from "tables.h" nogil:
    enum:
        PYJ_STRUCT_COUNT
        PYJ_Config, PYJ_LoggingConfig, PYJ_MediaConfig, PYJ_TransportConfig, PYJ_AccConfig
        PYJ_CallSetting, PYJ_Cfg, PYJ_MsgData, PYJ_TimerSetting, PYJ_MultipartPart
        PYJ_TlsSetting, PYJ_IceConfig, PYJ_IceSessOptions, PYJ_TurnConfig, PYJ_TurnSockTlsCfg, PYJ_SslSockParam
        PYJ_SrtpOpt, PYJ_IpChangeAccCfg, PYJ_RtcpFbSetting, PYJ_PublishcOpt
        PYJ_CallInfo, PYJ_AccInfo, PYJ_TransportInfo, PYJ_ConfPortInfo, PYJ_CodecInfo, PYJ_AudDevInfo
        PYJ_StreamStat, PYJ_Limits, PYJ_PcmMark, PYJ_PcmStats
        PYJ_AccDelParam, PYJ_RpidElement
        PYJ_CallSendDtmfParam, PYJ_CodecParam, PYJ_StreamInfo, PYJ_MedTransportInfo
        PYJ_OnCallTransferStatus, PYJ_OnCallReplaced, PYJ_OnCallTransferred, PYJ_Admission, PYJ_OnCallMediaTransportState, PYJ_OnIceTransportError
        PYJ_OnCallMediaEvent, PYJ_OnMediaEvent
        PYJ_IpChangeParam
        PYJ_OnAccSendRequest, PYJ_OnRejectedIncomingCall, PYJ_OnTimer
        PYJ_OnNatDetect, PYJ_OnStunResolutionComplete, PYJ_OnIpChangeProgress
        PYJ_OnCallState, PYJ_OnIncomingCall, PYJ_OnCallTsxState, PYJ_OnCallMediaState
        PYJ_OnStreamCreated2, PYJ_OnStreamDestroyed, PYJ_OnDtmfEvent, PYJ_OnRegStarted2, PYJ_OnRegState2
        PYJ_OnTransportState, PYJ_OnConfOpCompleted
        PYJ_Policy, PYJ_StreamSetting, PYJ_CredInfo
        PYJ_OnCallTransferRequest2, PYJ_OnCallReplaceRequest2, PYJ_OnCallRxOffer, PYJ_OnCallRxReinvite
        PYJ_OnCallTxOffer, PYJ_OnCallSdpCreated, PYJ_OnCallRedirected, PYJ_OnAuthChallenge
        PYJ_OnAccFindForIncoming, PYJ_OnStreamPrecreate, PYJ_OnCreateMediaTransportSrtp
        PYJ_BuddyConfig, PYJ_BuddyInfo, PYJ_BuddyDlgEventInfo, PYJ_CallSendTextParam
        PYJ_OnIncomingSubscribe, PYJ_OnSrvSubscribeState, PYJ_OnBuddyState, PYJ_OnBuddyDlgEventState
        PYJ_OnBuddyEvsubState, PYJ_OnBuddyEvsubDlgEventState, PYJ_OnPager2, PYJ_OnPagerStatus2, PYJ_OnTyping2
        PYJ_OnMwiState, PYJ_OnMwiInfo, PYJ_OnCallRxText
        PYJ_SndDevParam, PYJ_ConfConnectParam, PYJ_ToneDesc, PYJ_WavPlayerInfo, PYJ_SndDevInfo, PYJ_EchoStat
        PYJ_OnSndDevOperation

cdef extern from "media_info.h" nogil:
    ctypedef struct pyj_pair:
        pj.pj_str_t name
        pj.pj_str_t value
    ctypedef struct pyj_pairs:
        unsigned count
        pyj_pair *pair
    ctypedef struct pyj_codec_param:
        pass
    pj.pj_status_t pyj_codec_get_param(const pj.pj_str_t *codec_id, const void *shape, void **block)
    pj.pj_status_t pyj_codec_set_param(const pj.pj_str_t *codec_id, const pyj_codec_param *param,
                                       const char **wrong)
    ctypedef struct pyj_stream_info:
        pass
    void pyj_streams_keep_texts(pj.pjsua_call_id id)
    pj.pj_status_t pyj_stream_info_get(pj.pjsua_call_id id, unsigned med_idx, pyj_stream_info *out)
    ctypedef struct pyj_med_transport_info:
        pass
    pj.pj_status_t pyj_med_transport_info_get(pj.pjsua_call_id id, unsigned med_idx, pyj_med_transport_info *out)
    ctypedef struct pyj_media_event:
        pass
    void pyj_media_event_from(pyj_media_event *out, const pj.pjmedia_event *event)

cdef extern from "events.h" nogil:
    ctypedef struct pyj_reg_info:
        pj.pj_status_t status
        pj.pj_str_t status_text
        int code
        pj.pj_str_t reason
        unsigned expiration
        pj.pj_bool_t renew
        pj.pj_bool_t is_unreg
        long retry_ms
    ctypedef struct pyj_stream_stat:
        pj.pj_str_t codec
        unsigned clock_rate
        unsigned channel_cnt
        pj.pj_sockaddr remote_addr
        pj.pjmedia_rtcp_stat rtcp
        pj.pjmedia_jb_state jbuf
    ctypedef struct pyj_limits:
        int max_calls
        int max_accounts
        int max_conf_ports
        int max_players
        int max_recorders
        int max_transports
        int max_pkt_len
        int max_url_size
        int max_handles
    ctypedef struct pyj_on_call_state:
        pj.pjsua_call_info info
    ctypedef struct pyj_on_incoming_call:
        pj.pjsua_call_info info
    ctypedef struct pyj_on_call_tsx_state:
        pj.pj_str_t method
        pj.pjsip_role_e role
        pj.pjsip_tsx_state_e state
        int status_code
        pj.pj_int32_t cseq
    ctypedef struct pyj_on_call_transfer_status:
        int st_code
        pj.pj_str_t st_text
        pj.pj_bool_t final
    ctypedef struct pyj_on_call_replaced:
        pyj_serial_id old_call_id
        pyj_serial_id new_call_id
    ctypedef struct pyj_on_call_media_transport_state:
        unsigned med_idx
        pj.pjsua_med_tp_st state
        pj.pj_status_t status
        int sip_err_code
        pj.pj_bool_t has_ice_op
        pj.pj_ice_strans_op ice_op
    ctypedef struct pyj_on_ice_transport_error:
        pj.pj_ice_strans_op op
        pj.pj_status_t status
    ctypedef struct pyj_on_call_media_event:
        unsigned med_idx
        pyj_media_event event
    ctypedef struct pyj_on_media_event:
        pyj_media_event event
    ctypedef struct pyj_on_call_media_state:
        pj.pjsua_call_info info
    ctypedef struct pyj_on_stream:
        unsigned stream_idx
        pyj_stream_stat stat
    ctypedef struct pyj_on_dtmf_event:
        pj.pj_str_t digit
        pj.pjsua_dtmf_method method
        unsigned timestamp
        unsigned duration
        pj.pj_bool_t is_update
        pj.pj_bool_t is_end
    ctypedef struct pyj_on_reg_started2:
        pj.pj_bool_t renew
    ctypedef struct pyj_on_reg_state2:
        pyj_reg_info info
    ctypedef struct pyj_on_conf_op_completed:
        int op
        pj.pj_status_t status
        int source
        int sink
        float level
    ctypedef struct pyj_on_snd_dev_operation:
        pj.pj_bool_t opening

cdef extern from "events_network.h" nogil:
    ctypedef struct pyj_on_acc_send_request:
        unsigned long token
        int status_code
        pj.pj_str_t reason
    ctypedef struct pyj_on_rejected_incoming_call:
        pj.pj_str_t local_info
        pj.pj_str_t remote_info
        int st_code
        pj.pj_str_t st_text
    ctypedef struct pyj_on_nat_detect:
        pj.pj_status_t status
        pj.pj_str_t status_text
        pj.pj_stun_nat_type nat_type
        pj.pj_str_t nat_type_name
    ctypedef struct pyj_on_stun_resolution_complete:
        unsigned long token
        pj.pj_status_t status
        pj.pj_str_t status_text
        pj.pj_str_t name
        pj.pj_sockaddr addr
        int index
    ctypedef struct pyj_on_ip_change_progress:
        pj.pjsua_ip_change_op op
        pj.pj_status_t status
        int transport_id
        pj.pj_bool_t is_register
        int code
    ctypedef struct pyj_tls_info:
        pj.pj_bool_t established
    ctypedef struct pyj_on_transport_state:
        pj.pjsip_transport_state state
        pj.pjsip_transport_type_e type
        pj.pj_str_t type_name
        pj.pj_str_t info
        pj.pj_sockaddr local_addr
        pj.pj_str_t remote_host
        int remote_port
        pj.pj_status_t status
        pyj_tls_info tls

cdef extern from "emit.h" nogil:
    enum:
        PYJ_EMIT_DROPPABLE
        PYJ_EMIT_REALTIME
    ctypedef struct pyj_about:
        int32_t call_id
        int32_t acc_id
        uint64_t call_serial
        uint64_t acc_serial
    int pyj_wanted(uint16_t kind)
    void pyj_set_wanted(uint16_t kind, int wanted)
    void pyj_emit(uint16_t kind, const void *payload, pyj_message *message, int flags)
    void pyj_emit_about(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message, int flags)
    void pyj_about_as_of(pyj_about *about, uint64_t serial)
    pyj_record *pyj_emit_pack(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message,
                              int flags)
    pyj_about pyj_about_call(pj.pjsua_call_id id)
    pyj_about pyj_about_acc(pj.pjsua_acc_id id)

cdef extern from "events_presence.h" nogil:
    ctypedef struct pyj_on_incoming_subscribe:
        pyj_serial_id srv_pres
        pyj_serial_id buddy_id
        pj.pj_str_t from_uri
        int code
    ctypedef struct pyj_on_srv_subscribe_state:
        pyj_serial_id srv_pres
        pj.pj_str_t remote_uri
        pj.pjsip_evsub_state state
    ctypedef struct pyj_on_buddy_state:
        pyj_serial_id buddy_id
        pj.pjsua_buddy_info info
    ctypedef struct pyj_on_buddy_dlg_event_state:
        pyj_serial_id buddy_id
        pj.pjsua_buddy_dlg_event_info info
    ctypedef struct pyj_on_buddy_evsub_state:
        pyj_serial_id buddy_id
        pj.pjsip_evsub_state state
        const char *state_name
        pj.pj_str_t term_reason
    ctypedef struct pyj_on_pager:
        pyj_serial_id request
        pj.pj_str_t from_uri
        pj.pj_str_t to_uri
        pj.pj_str_t contact
        pj.pj_str_t mime_type
        pj.pj_str_t body
    ctypedef struct pyj_on_pager_status:
        pj.pj_str_t to_uri
        pj.pj_str_t body
        unsigned long user_data
        int status
        pj.pj_str_t reason
    ctypedef struct pyj_on_typing:
        pj.pj_str_t from_uri
        pj.pj_str_t to_uri
        pj.pj_str_t contact
        pj.pj_bool_t is_typing
    ctypedef struct pyj_on_mwi_state:
        pj.pjsip_evsub_state state
        const char *state_name
        pj.pj_str_t term_reason
    ctypedef struct pyj_on_mwi_info:
        pj.pj_bool_t solicited
    ctypedef struct pyj_on_call_rx_text:
        pj.pjsua_txt_stream_data data

cdef extern from "events_decision.h" nogil:
    ctypedef enum pyj_held_request:
        PYJ_HELD_TRANSFER
        PYJ_HELD_REPLACE
        PYJ_HELD_UPDATE
        PYJ_HELD_SUBSCRIBE
        PYJ_HELD_REINVITE
    ctypedef enum pyj_when:
        PYJ_NOW
        PYJ_LATER
    ctypedef struct pyj_policy:
        int call_transfer_request2
        int call_replace_request2
        pyj_when call_rx_reinvite
        int call_rx_offer
        pj.pjsip_redirect_op call_redirected
        pyj_when auth_challenge
        int incoming_subscribe
        pyj_held_request held_requests
        int later_ms
        pj.pj_bool_t null_dev_on_error
        pj.pj_bool_t reg_backoff
    ctypedef struct pyj_stream_setting:
        int jb_init
        int jb_min_pre
        int jb_max_pre
        int jb_max
        pj.pjmedia_jb_discard_algo jb_discard_algo
        pj.pj_bool_t rtcp_sdes_bye_disabled
        int rx_event_pt
    ctypedef struct pyj_on_call_transfer_request2:
        pj.pj_str_t dst
        int code
        pj.pjsua_call_setting opt
    ctypedef struct pyj_on_call_replace_request2:
        int code
        pj.pj_str_t reason
        pj.pjsua_call_setting opt
    ctypedef struct pyj_on_call_rx_offer:
        pj.pj_str_t offer
        int code
        pj.pjsua_call_setting opt
    ctypedef struct pyj_on_call_rx_reinvite:
        pj.pj_str_t offer
        pj.pj_bool_t later
    ctypedef struct pyj_on_call_tx_offer:
        pj.pjsua_call_setting opt
    ctypedef struct pyj_on_call_sdp_created:
        pj.pj_str_t sdp
        pj.pj_str_t rem_sdp
        pj.pj_bool_t changed
    ctypedef struct pyj_on_call_redirected:
        pj.pj_str_t target
        pj.pjsip_redirect_op op
    ctypedef struct pyj_on_auth_challenge:
        int challenge
        pj.pj_bool_t later
        pj.pj_str_t method
    ctypedef struct pyj_on_acc_find_for_incoming:
        pj.pj_bool_t changed
    ctypedef struct pyj_on_create_media_transport_srtp:
        unsigned media_idx
        pj.pjmedia_srtp_use use
    ctypedef struct pyj_on_stream_precreate:
        unsigned stream_idx
        pj.pj_bool_t changed
        pyj_stream_setting setting
