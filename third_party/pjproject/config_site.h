/* The settings PJSIP is compiled with, and the binding with it: pj/config.h of every library and the
 * Cython module both read this file, so no struct can have two layouts. A reason stands beside each.
 * Defaults of 2.17 are repeated only where a change of theirs would change a struct or a promise of ours.
 */
#ifndef PYJSUA_CONFIG_SITE_H
#define PYJSUA_CONFIG_SITE_H

/* --- Sizes a user can meet ------------------------------------------------------------------- */

/* Only the bound that max_calls may not pass: PJSIP allocates 22 kB for each of max_calls at init. */
#define PJSUA_MAX_CALLS                 4096

/* An array in pjsua_var, 6.9 kB each, of pages that are touched with the account. */
#define PJSUA_MAX_ACC                   512

/* Arrays in pjsua_var too: 32 bytes per player and recorder, 1.2 kB per buddy. */
#define PJSUA_MAX_PLAYERS               1024
#define PJSUA_MAX_RECORDERS             1024
#define PJSUA_MAX_BUDDIES               512

/* Every call, player, recorder and stream of ours takes a slot. The bridge keeps pointers only. */
#define PJSUA_MAX_CONF_PORTS            8192

/* Proxies and credentials of one account; PJSIP's default, pinned since pjsua_acc_config holds the arrays. */
#define PJSUA_ACC_MAX_PROXIES           8

/* Handles of one ioqueue: SIP transports, and RTP + RTCP of every call. Two per call for 4096 calls, with
 * room for those that offer text too. A key and its mutex take 0.7 kB, allocated at init. */
#define PJ_IOQUEUE_MAX_HANDLES          12288

/* ... but the ioqueue of SIP carries transports only, and would else allocate as many keys. */
#define PJSIP_MAX_TRANSPORTS            4096

/* SIP over TCP and TLS: SDP with many codecs and candidates passes 4000 bytes, and larger messages are
 * dropped in silence. Paid per sent message as long as its transaction lives. */
#define PJSIP_MAX_PKT_LEN               16000

/* 256 truncates what call info shows, and refuses contacts with long parameters. Sizes the strings in
 * pjsua_call_info; no static array. */
#define PJSIP_MAX_URL_SIZE              1024

/* Buckets of the hash tables of transactions and dialogs, and the bound of timers: at 1000 calls a second
 * a transaction lives 32 s. A bucket is a pointer. */
#define PJSIP_MAX_TSX_COUNT             65535
#define PJSIP_MAX_DIALOG_COUNT          16383

/* Transports are looked up by address in this table; servers with TCP clients have thousands. */
#define PJSIP_TPMGR_HTABLE_SIZE         1023

/* pyjsua registers two modules, pjsua and its parts a dozen, other packages theirs. */
#define PJSIP_MAX_MODULE                64

/* Connections that wait to be accepted: 5 loses them in a burst of registrations over TCP. */
#define PJSIP_TCP_TRANSPORT_BACKLOG     128
#define PJSIP_TLS_TRANSPORT_BACKLOG     128

/* Sound devices shown; a machine with HDMI and PulseAudio passes 64 ALSA names. */
#define PJMEDIA_AUD_DEV_MAX_DEVS        256

/* Names of sound devices are cut at 64, where those of ALSA differ only after. */
#define PJMEDIA_AUD_DEV_INFO_NAME_LEN   128

/* --- What is in the build -------------------------------------------------------------------- */

/* 0 is PJSIP's default. */
#define PJ_HAS_IPV6                     1

#define PJ_HAS_TCP                      1

/* With IPv6 in, every outgoing call asks for the host's addresses under PJSUA_LOCK: a host name that DNS
 * does not answer stops all of PJSIP for seconds each time. The route and the interfaces tell as well. */
#define PJ_GETHOSTIP_DISABLE_LOCAL_RESOLUTION 1

/* With NDEBUG, pj_assert() is nothing and PJ_ASSERT_RETURN returns its error (always, since 2.13): the
 * process is not PJSIP's to end. */
#define PJ_DEBUG                        0

/* Debug level and below reach logging; 6 is the memory pools' chatter. */
#define PJ_LOG_MAX_LEVEL                5

/* One line of the log; the SIP trace has a way of its own. */
#define PJ_LOG_MAX_SIZE                 4000

/* No escape codes in what goes to logging. */
#define PJ_TERM_HAS_COLOR               0

/* 1 is the default: it renames pj_timer_heap_schedule and keeps file and line in every entry. */
#define PJ_TIMER_DEBUG                  0

/* Of the struct layouts these decide. */
#define PJ_GRP_LOCK_DEBUG               0
#define PJ_POOL_DEBUG                   0
#define PJ_SAFE_POOL                    0
#define PJ_HAS_POOL_ALT_API             0
#define PJ_FUNCTIONS_ARE_INLINED        0
#define PJ_TIMER_USE_COPY               1
#define PJ_TIMER_USE_LINKED_LIST        0
#define PJ_IOQUEUE_HAS_SAFE_UNREG       1

/* PJ's sockets use pthreads' mutexes, and exceptions of its parser are identified by name in the log. */
#define PJ_MAX_EXCEPTION_ID             16

/* Video is off: pjsua_call_info and the callbacks have no window then. */
#define PJMEDIA_HAS_VIDEO               0
#define PJMEDIA_MAX_VIDEO_PLANES        4
#define PJMEDIA_MAX_VIDEO_FORMATS       32

/* The mixing bridge that can spread its ports over threads; conf_threads of the media config decides at
 * run time, and 1, PJSIP's default, is the serial bridge. */
#define PJMEDIA_CONF_BACKEND            PJMEDIA_CONF_PARALLEL_BRIDGE_BACKEND
#define PJMEDIA_CONF_THREADS            1
#define PJMEDIA_CONF_USE_SWITCH_BOARD   0

/* speexdsp: Debian's libresample is another library of that name. */
#define PJMEDIA_RESAMPLE_IMP            PJMEDIA_RESAMPLE_SPEEX

/* ALSA is found at run time and registered by pyjsua when a device is asked for: PJSIP's own would load
 * and enumerate it in pjsua_init. PYJSUA_ALSA_DEV is set where alsa_dev.c is compiled for us. */
#ifndef PYJSUA_ALSA_DEV
#  define PJMEDIA_AUDIO_DEV_HAS_ALSA    0
#endif

/* No back end of the old sound API. */
#define PJMEDIA_HAS_LEGACY_SOUND_API    0

#define PJMEDIA_HAS_SPEEX_AEC           1

/* Not in Debian's tree, and C++. */
#define PJMEDIA_HAS_LIBWEBRTC           0
#define PJMEDIA_HAS_LIBWEBRTC_AEC3      0

/* Keys in SDP. By DTLS not yet, as in PJSIP: it makes an RSA key at every pjsua_init, 0.05 to 0.3 s. */
#define PJMEDIA_HAS_SRTP                1
#define PJMEDIA_SRTP_HAS_SDES           1
#define PJMEDIA_SRTP_HAS_DTLS           0

/* The codecs. Each is also checked in build_check.c: none goes missing in silence. */
#define PJMEDIA_HAS_G711_CODEC          1
#define PJMEDIA_HAS_G722_CODEC          1
#define PJMEDIA_HAS_L16_CODEC           1
/* Beside 44.1 kHz, the only one by default. pjsua gives L16 priority 0: it is offered when asked for. */
#define PJMEDIA_CODEC_L16_HAS_8KHZ_MONO 1
#define PJMEDIA_CODEC_L16_HAS_16KHZ_MONO 1
#define PJMEDIA_CODEC_L16_HAS_48KHZ_MONO 1
#define PJMEDIA_HAS_GSM_CODEC           1
#define PJMEDIA_HAS_SPEEX_CODEC         1
#define PJMEDIA_HAS_OPUS_CODEC          1
#define PJMEDIA_HAS_BCG729              1

/* <gsm.h> of whichever library CMake chose. PJSIP's CMake forgets the first; config_auto.h would say 0 for
 * all three, but leaves them alone where the codec is decided, as it is here. */
#define PJMEDIA_EXTERNAL_GSM_CODEC      1
#define PJMEDIA_EXTERNAL_GSM_GSM_H      0
#define PJMEDIA_EXTERNAL_GSM_H          1

/* AMR and AMR-WB, with -DPYJSUA_AMR=ON: their libraries are under Apache's licence, which goes with GPL 3 but
 * not with GPL 2, and AMR-WB is patent bound in places. What CMake says stands ahead of this file. */
#ifndef PYJSUA_AMR
#  define PYJSUA_AMR                    0
#endif
#define PJMEDIA_HAS_OPENCORE_AMRNB_CODEC PYJSUA_AMR
#define PJMEDIA_HAS_OPENCORE_AMRWB_CODEC PYJSUA_AMR

/* Not in Debian's tree, or patent bound, or large: no package has asked. */
#define PJMEDIA_HAS_ILBC_CODEC          0
#define PJMEDIA_HAS_G7221_CODEC         0
#define PJMEDIA_HAS_INTEL_IPP           0
#define PJMEDIA_HAS_SILK_CODEC          0
#define PJMEDIA_HAS_LYRA_CODEC          0
#define PJMEDIA_HAS_PASSTHROUGH_CODECS  0

/* Statistics PJSIP leaves out of pjmedia_rtcp_stat by default: jitter as measured, and delay variation. */
#define PJMEDIA_RTCP_STAT_HAS_RAW_JITTER 1
#define PJMEDIA_RTCP_STAT_HAS_IPDV      1

/* RFC 3611 reports are compiled in; enable_rtcp_xr of the stream decides. Part of pjmedia_stream's layout. */
#define PJMEDIA_HAS_RTCP_XR             1
#define PJMEDIA_STREAM_ENABLE_XR        0

/* Keep-alive of RTP by empty packets: where it is compiled in, pjsua_acc_config_default turns it on, and each
 * stream begins with packets no codec made. RTCP every 5 s and the silence PJSIP sends when there is nothing
 * to say keep a NAT's binding alive without. Decides fields of pjsua_acc_config and pjmedia_stream_info. */
#define PJMEDIA_STREAM_ENABLE_KA        0

/* SHA-256 digests need it; AKA wants milenage, which Debian's tree lacks. */
#define PJSIP_AUTH_QOP_SUPPORT          1
#define PJSIP_HAS_DIGEST_AKA_AUTH       0

#define PJSIP_HAS_TLS_TRANSPORT         1

#endif
