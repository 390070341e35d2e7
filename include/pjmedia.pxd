# pjmedia: what the core needs of pjmedia/*.h and pjmedia-audiodev/*.h.

from pjlib cimport *

cdef extern from "<pjmedia/sdp.h>" nogil:
    enum:
        PJMEDIA_MAX_SDP_MEDIA
        PJMEDIA_MAX_SDP_ATTR
        PJMEDIA_MAX_SDP_BANDW
        PJMEDIA_MAX_SDP_FMT
    ctypedef struct pjmedia_sdp_session:
        pass

cdef extern from "<pjmedia-codec/config.h>" nogil:
    enum:
        PJMEDIA_HAS_BCG729
        PJMEDIA_HAS_OPENCORE_AMRNB_CODEC
        PJMEDIA_HAS_OPENCORE_AMRWB_CODEC

cdef extern from "<pjmedia.h>" nogil:
    ctypedef struct pjmedia_rtcp_stat:
        pass
    ctypedef struct pjmedia_jb_state:
        pass
    ctypedef struct pjmedia_event:
        pass

    enum:
        PJMEDIA_CODEC_MGR_MAX_CODECS
        PJMEDIA_CODEC_MAX_FMTP_CNT

    ctypedef enum pjmedia_jb_discard_algo:
        pass

    ctypedef struct pjmedia_codec_info:
        pj_str_t encoding_name
        unsigned clock_rate
        unsigned channel_cnt

    ctypedef struct pjmedia_stream_info:
        pjmedia_codec_info fmt
        pj_sockaddr rem_addr
        int jb_init
        int jb_min_pre
        int jb_max_pre
        int jb_max
        pjmedia_jb_discard_algo jb_discard_algo
        pj_bool_t rtcp_sdes_bye_disabled
        int rx_event_pt

    ctypedef struct pjmedia_stream:
        pass
    pj_status_t pjmedia_stream_get_info(const pjmedia_stream *stream, pjmedia_stream_info *info)
    pj_status_t pjmedia_stream_get_stat(const pjmedia_stream *stream, pjmedia_rtcp_stat *stat)
    pj_status_t pjmedia_stream_get_stat_jbuf(const pjmedia_stream *stream, pjmedia_jb_state *state)

    ctypedef struct pjmedia_conf_op_connect:
        unsigned src
        unsigned sink
        int adj_level
    ctypedef struct pjmedia_conf_op_disconnect:
        unsigned src
        unsigned sink
    ctypedef struct pjmedia_conf_op_port:
        unsigned port
    ctypedef union pjmedia_conf_op_param:
        pjmedia_conf_op_port add_port
        pjmedia_conf_op_port remove_port
        pjmedia_conf_op_connect connect_ports
        pjmedia_conf_op_disconnect disconnect_ports
        pjmedia_conf_op_connect adjust_conn_level
    ctypedef enum pjmedia_conf_op_type:
        PJMEDIA_CONF_OP_ADD_PORT
        PJMEDIA_CONF_OP_REMOVE_PORT
        PJMEDIA_CONF_OP_CONNECT_PORTS
        PJMEDIA_CONF_OP_DISCONNECT_PORTS
        PJMEDIA_CONF_OP_ADJUST_CONN_LEVEL
    ctypedef enum pjmedia_port_op:
        pass
    ctypedef struct pjmedia_wav_player_info:
        pass
    ctypedef struct pjmedia_snd_dev_info:
        pass
    ctypedef struct pjmedia_port:
        pass
    ctypedef struct pjmedia_conf_op_info:
        pjmedia_conf_op_type op_type
        pj_status_t status
        pjmedia_conf_op_param op_param

    enum:
        PJMEDIA_FILE_NO_LOOP
        PJMEDIA_FILE_WRITE_PCM
        PJMEDIA_FILE_WRITE_ALAW
        PJMEDIA_FILE_WRITE_ULAW
        PJMEDIA_FILE_PORT_BUFSIZE
        PJMEDIA_ECHO_ALGO_MASK
        PJMEDIA_ECHO_SIMPLE

cdef extern from "<pjmedia-audiodev/audiodev.h>" nogil:
    enum:
        PJMEDIA_AUD_DEV_MAX_DEVS
    ctypedef struct pjmedia_aud_dev_info:
        pass
    ctypedef enum pjmedia_aud_dev_cap:
        pass
    unsigned pjmedia_aud_dev_count()
    enum:
        PJMEDIA_AUD_DEFAULT_CAPTURE_DEV
        PJMEDIA_AUD_DEFAULT_PLAYBACK_DEV
        PJMEDIA_AUD_INVALID_DEV
        PJMEDIA_EAUD_INVDEV
    ctypedef struct pjmedia_aud_dev_factory:
        pass
    ctypedef pjmedia_aud_dev_factory *(*pjmedia_aud_dev_factory_create_func_ptr)(pj_pool_factory *)

cdef extern from "<pjmedia/config.h>" nogil:
    enum:
        PJMEDIA_TXT_STREAM_MAX_RED_LEVELS

cdef extern from "<pjmedia/rtcp_fb.h>" nogil:
    ctypedef struct pjmedia_rtcp_fb_setting:
        pass
    pj_status_t pjmedia_rtcp_fb_setting_default(pjmedia_rtcp_fb_setting *opt)

cdef extern from "<pjmedia/tonegen.h>" nogil:
    enum:
        PJMEDIA_TONEGEN_LOOP
        PJMEDIA_TONEGEN_MAX_DIGITS
        PJMEDIA_RTP_EINDTMF
    ctypedef struct pjmedia_tone_desc:
        short freq1
        short freq2
        short on_msec
        short off_msec
        short volume
        short flags
    ctypedef struct pjmedia_tone_digit:
        char digit
        short on_msec
        short off_msec
        short volume
