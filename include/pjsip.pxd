# pjsip: what the core needs of pjsip/*.h and pjsip-ua/*.h.

from pjlib cimport *

cdef extern from "<pjsip.h>" nogil:
    ctypedef enum pjsip_hdr_e:
        PJSIP_H_OTHER
    ctypedef struct pjsip_hdr:
        pjsip_hdr *next
        pjsip_hdr_e type
        pj_str_t name

    ctypedef struct pjsip_generic_string_hdr:
        pj_str_t hvalue

    void pjsip_generic_string_hdr_init2(pjsip_generic_string_hdr *h, pj_str_t *hname, pj_str_t *hvalue)

    ctypedef enum pjsip_method_e:
        PJSIP_CANCEL_METHOD
    ctypedef struct pjsip_method:
        pjsip_method_e id
        pj_str_t name

    ctypedef struct pjsip_param:
        pjsip_param *next
        pj_str_t name
        pj_str_t value
    ctypedef struct pjsip_media_type:
        pj_str_t type
        pj_str_t subtype
        pjsip_param param
    ctypedef struct pjsip_multipart_part:
        pjsip_multipart_part *next

    ctypedef enum pjsip_role_e:
        PJSIP_ROLE_UAC
    ctypedef enum pjsip_tsx_state_e:
        PJSIP_TSX_STATE_PROCEEDING
    ctypedef enum pjsip_redirect_op:
        PJSIP_REDIRECT_PENDING
        PJSIP_REDIRECT_STOP
    ctypedef enum pjsip_dialog_cap_status:
        pass
    ctypedef enum pjsip_inv_state:
        PJSIP_INV_STATE_DISCONNECTED
    ctypedef enum pjsip_transport_type_e:
        PJSIP_TRANSPORT_UNSPECIFIED

    ctypedef struct pjsip_transaction:
        pjsip_method method
        pjsip_role_e role
        pjsip_tsx_state_e state
        int status_code
        pj_int32_t cseq

    ctypedef struct pjsip_rx_data:
        pass
    ctypedef enum pjsip_status_code:
        pass
    ctypedef struct pjsip_uri:
        pass
    ctypedef enum pjsip_uri_context_e:
        PJSIP_URI_IN_CONTACT_HDR
    void *pjsip_uri_get_uri(const void *uri)
    int pjsip_uri_print(pjsip_uri_context_e context, const void *uri, char *buf, pj_size_t size)
    ctypedef struct pjsip_request_line:
        pjsip_method method
    ctypedef union pjsip_msg_line:
        pjsip_request_line req
    ctypedef struct pjsip_msg:
        pjsip_msg_line line
    ctypedef struct pjsip_tx_data:
        pjsip_msg *msg
    ctypedef struct pjsip_cred_info:
        pass
    ctypedef struct pjsip_event:
        pass

    # Event subscriptions.
    enum:
        PJSIP_DLG_EVENT_DEFAULT_EXPIRES
        PJSIP_MWI_DEFAULT_EXPIRES
    ctypedef enum pjsip_evsub_state:
        PJSIP_EVSUB_STATE_TERMINATED
    ctypedef struct pjsip_evsub:
        pass
    pjsip_evsub_state pjsip_evsub_get_state(const pjsip_evsub *sub)
    const char *pjsip_evsub_get_state_name(const pjsip_evsub *sub)
    const pj_str_t *pjsip_evsub_get_termination_reason(const pjsip_evsub *sub)

    ctypedef struct pjsip_host_port:
        pj_str_t host
        int port

    ctypedef struct pjsip_transport_key:
        long type

    ctypedef struct pjsip_transport:
        pjsip_transport_key key
        char *type_name
        char *info
        pj_sockaddr local_addr
        pjsip_host_port remote_name

    ctypedef enum pjsip_transport_state:
        pass
    ctypedef struct pjsip_transport_state_info:
        pj_status_t status

    struct pjsip_regc_cbparam:
        pj_status_t status
        int code
        pj_str_t reason
        pjsip_rx_data *rdata
        unsigned expiration
        pj_bool_t is_unreg

    ctypedef struct pjsip_timer_setting:
        pass
    pj_status_t pjsip_timer_setting_default(pjsip_timer_setting *setting)

    ctypedef struct pjsip_cfg_t:
        pass

    pjsip_cfg_t *pjsip_cfg()
    void pjsip_tsx_initialize_timer_values()
    ctypedef struct pjsip_tls_setting:
        pass
    void pjsip_tls_setting_default(pjsip_tls_setting *tls_opt)
    ctypedef struct pjsip_publishc_opt:
        pass
    void pjsip_publishc_opt_default(pjsip_publishc_opt *opt)
