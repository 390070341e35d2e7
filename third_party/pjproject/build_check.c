/* Compiled with PJSIP and never linked: what pyjsua promises of this build, read from PJSIP's own headers
 * as they came out of CMake and config_site.h. */
#include <pjsua-lib/pjsua.h>
#include <pjmedia-codec/config.h>

#ifndef PYJSUA_CONFIG_SITE_H
#  error "pj/config_site.h is not ours: another one stands before it on the include path"
#endif

#define PROMISE(what, why) _Static_assert(what, why)

PROMISE(PJMEDIA_HAS_G711_CODEC, "the G.711 codec is missing");
PROMISE(PJMEDIA_HAS_G722_CODEC, "the G.722 codec is missing");
PROMISE(PJMEDIA_HAS_L16_CODEC, "the L16 codec is missing");
PROMISE(PJMEDIA_HAS_GSM_CODEC, "the GSM codec is missing: libgsm1-dev");
PROMISE(PJMEDIA_HAS_SPEEX_CODEC, "the Speex codec is missing: libspeex-dev");
PROMISE(PJMEDIA_HAS_OPUS_CODEC, "the Opus codec is missing: libopus-dev");
PROMISE(PJMEDIA_HAS_BCG729 == PYJSUA_G729, "G.729 is not as PYJSUA_G729 has it: libbcg729-dev");
PROMISE(PJMEDIA_HAS_OPENCORE_AMRNB_CODEC == PYJSUA_AMR && PJMEDIA_HAS_OPENCORE_AMRWB_CODEC == PYJSUA_AMR,
        "AMR is not as PYJSUA_AMR has it");
PROMISE(PJMEDIA_HAS_SPEEX_AEC, "the Speex echo canceller is missing: libspeexdsp-dev");
PROMISE(PJMEDIA_RESAMPLE_IMP == PJMEDIA_RESAMPLE_SPEEX, "resampling is missing: libspeexdsp-dev");
PROMISE(PJMEDIA_HAS_SRTP && PJMEDIA_SRTP_HAS_SDES, "SRTP is missing: libsrtp2-dev");
PROMISE(PJ_HAS_SSL_SOCK && PJ_SSL_SOCK_IMP == PJ_SSL_SOCK_IMP_OPENSSL, "TLS is missing: libssl-dev");
PROMISE(PJSIP_HAS_TLS_TRANSPORT, "the TLS transport is missing");
PROMISE(PJ_HAS_IPV6 && PJ_HAS_TCP && PJ_HAS_THREADS, "IPv6, TCP or threads are missing");
PROMISE(!PJMEDIA_HAS_VIDEO, "video is on");
PROMISE(!PJMEDIA_AUDIO_DEV_HAS_ALSA, "PJSIP would enumerate ALSA's devices in pjsua_init");
PROMISE(!PJ_DEBUG && !PJ_TIMER_DEBUG, "a debug build of PJSIP");
#ifdef __linux__
PROMISE(PJ_IOQUEUE_IMP == PJ_IOQUEUE_IMP_EPOLL, "the I/O queue is not epoll");
#endif
PROMISE(PJSUA_MAX_CALLS >= 1024 && PJSUA_MAX_ACC >= 256 && PJSUA_MAX_CONF_PORTS >= 4096, "sizes");
PROMISE(PJSUA_MAX_PLAYERS >= 256 && PJSUA_MAX_RECORDERS >= 256 && PJSIP_MAX_PKT_LEN >= 16000, "sizes");
PROMISE(PJ_IOQUEUE_MAX_HANDLES >= 2 * PJSUA_MAX_CALLS, "fewer handles than RTP and RTCP of all calls need");
PROMISE(PJ_LOG_MAX_LEVEL >= 5, "the log is cut");
#ifndef NDEBUG
#  error "PJSIP without NDEBUG: its assertions would end the process"
#endif
