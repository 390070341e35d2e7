/* Compiled ahead of PJSIP's alsa_dev.c (gcc -include): its calls of libasound become calls through a table
 * that alsa_loader.c fills at run time. What alsa_dev.c calls beyond this list shows as an undefined symbol
 * of the module, which a test looks for. */
#ifndef PYJ_ALSA_CALLS_H
#define PYJ_ALSA_CALLS_H

#ifdef PYJSUA_ALSA_DEV
/* Off for the rest of PJSIP: see config_site.h. */
#  undef PJMEDIA_AUDIO_DEV_HAS_ALSA
#  define PJMEDIA_AUDIO_DEV_HAS_ALSA 1
#endif

#include <alsa/asoundlib.h>

#define PYJ_ALSA_FUNCTIONS(X) \
    X(snd_device_name_free_hint) \
    X(snd_device_name_get_hint) \
    X(snd_device_name_hint) \
    X(snd_mixer_attach) \
    X(snd_mixer_close) \
    X(snd_mixer_elem_next) \
    X(snd_mixer_find_selem) \
    X(snd_mixer_first_elem) \
    X(snd_mixer_load) \
    X(snd_mixer_open) \
    X(snd_mixer_selem_get_capture_volume_range) \
    X(snd_mixer_selem_get_name) \
    X(snd_mixer_selem_get_playback_volume_range) \
    X(snd_mixer_selem_has_capture_volume) \
    X(snd_mixer_selem_has_playback_volume) \
    X(snd_mixer_selem_id_set_index) \
    X(snd_mixer_selem_id_set_name) \
    X(snd_mixer_selem_id_sizeof) \
    X(snd_mixer_selem_is_active) \
    X(snd_mixer_selem_register) \
    X(snd_mixer_selem_set_capture_volume_all) \
    X(snd_mixer_selem_set_playback_volume_all) \
    X(snd_pcm_close) \
    X(snd_pcm_drop) \
    X(snd_pcm_hw_params) \
    X(snd_pcm_hw_params_any) \
    X(snd_pcm_hw_params_set_access) \
    X(snd_pcm_hw_params_set_buffer_size_near) \
    X(snd_pcm_hw_params_set_channels) \
    X(snd_pcm_hw_params_set_format) \
    X(snd_pcm_hw_params_set_period_size_near) \
    X(snd_pcm_hw_params_set_rate_near) \
    X(snd_pcm_hw_params_sizeof) \
    X(snd_pcm_prepare) \
    X(snd_pcm_readi) \
    X(snd_pcm_writei) \
    X(snd_strerror) \
    X(snd_lib_error_set_handler) \
    X(snd_pcm_frames_to_bytes) \
    X(snd_pcm_nonblock) \
    X(snd_pcm_poll_descriptors) \
    X(snd_pcm_open)

#define PYJ_ALSA_FIELD(name) __typeof__(&name) name;
struct pyj_alsa {
    PYJ_ALSA_FUNCTIONS(PYJ_ALSA_FIELD)
};
extern struct pyj_alsa pyj_alsa;

int pyj_alsa_set_error_handler(snd_lib_error_handler_t handler);
int pyj_alsa_mixer_load(snd_mixer_t *mixer);
int pyj_alsa_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode);
/* These block as libasound's do, but for a device that moves no sound for seconds: that is an error. */
snd_pcm_sframes_t pyj_alsa_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t size);
snd_pcm_sframes_t pyj_alsa_pcm_writei(snd_pcm_t *pcm, const void *buffer, snd_pcm_uframes_t size);
int pyj_alsa_pcm_prepare(snd_pcm_t *pcm);
int pyj_alsa_pcm_drop(snd_pcm_t *pcm);
int pyj_alsa_pcm_close(snd_pcm_t *pcm);

#ifdef PYJSUA_ALSA_DEV
#  define snd_device_name_free_hint(...) pyj_alsa.snd_device_name_free_hint(__VA_ARGS__)
#  define snd_device_name_get_hint(...) pyj_alsa.snd_device_name_get_hint(__VA_ARGS__)
#  define snd_device_name_hint(...) pyj_alsa.snd_device_name_hint(__VA_ARGS__)
#  define snd_mixer_attach(...) pyj_alsa.snd_mixer_attach(__VA_ARGS__)
#  define snd_mixer_close(...) pyj_alsa.snd_mixer_close(__VA_ARGS__)
#  define snd_mixer_elem_next(...) pyj_alsa.snd_mixer_elem_next(__VA_ARGS__)
#  define snd_mixer_find_selem(...) pyj_alsa.snd_mixer_find_selem(__VA_ARGS__)
#  define snd_mixer_first_elem(...) pyj_alsa.snd_mixer_first_elem(__VA_ARGS__)
#  define snd_mixer_load pyj_alsa_mixer_load
#  define snd_mixer_open(...) pyj_alsa.snd_mixer_open(__VA_ARGS__)
#  define snd_mixer_selem_get_capture_volume_range(...) pyj_alsa.snd_mixer_selem_get_capture_volume_range(__VA_ARGS__)
#  define snd_mixer_selem_get_name(...) pyj_alsa.snd_mixer_selem_get_name(__VA_ARGS__)
#  define snd_mixer_selem_get_playback_volume_range(...) pyj_alsa.snd_mixer_selem_get_playback_volume_range(__VA_ARGS__)
#  define snd_mixer_selem_has_capture_volume(...) pyj_alsa.snd_mixer_selem_has_capture_volume(__VA_ARGS__)
#  define snd_mixer_selem_has_playback_volume(...) pyj_alsa.snd_mixer_selem_has_playback_volume(__VA_ARGS__)
#  define snd_mixer_selem_id_set_index(...) pyj_alsa.snd_mixer_selem_id_set_index(__VA_ARGS__)
#  define snd_mixer_selem_id_set_name(...) pyj_alsa.snd_mixer_selem_id_set_name(__VA_ARGS__)
#  define snd_mixer_selem_id_sizeof(...) pyj_alsa.snd_mixer_selem_id_sizeof(__VA_ARGS__)
#  define snd_mixer_selem_is_active(...) pyj_alsa.snd_mixer_selem_is_active(__VA_ARGS__)
#  define snd_mixer_selem_register(...) pyj_alsa.snd_mixer_selem_register(__VA_ARGS__)
#  define snd_mixer_selem_set_capture_volume_all(...) pyj_alsa.snd_mixer_selem_set_capture_volume_all(__VA_ARGS__)
#  define snd_mixer_selem_set_playback_volume_all(...) pyj_alsa.snd_mixer_selem_set_playback_volume_all(__VA_ARGS__)
#  define snd_pcm_close pyj_alsa_pcm_close
#  define snd_pcm_drop pyj_alsa_pcm_drop
#  define snd_pcm_hw_params(...) pyj_alsa.snd_pcm_hw_params(__VA_ARGS__)
#  define snd_pcm_hw_params_any(...) pyj_alsa.snd_pcm_hw_params_any(__VA_ARGS__)
#  define snd_pcm_hw_params_set_access(...) pyj_alsa.snd_pcm_hw_params_set_access(__VA_ARGS__)
#  define snd_pcm_hw_params_set_buffer_size_near(...) pyj_alsa.snd_pcm_hw_params_set_buffer_size_near(__VA_ARGS__)
#  define snd_pcm_hw_params_set_channels(...) pyj_alsa.snd_pcm_hw_params_set_channels(__VA_ARGS__)
#  define snd_pcm_hw_params_set_format(...) pyj_alsa.snd_pcm_hw_params_set_format(__VA_ARGS__)
#  define snd_pcm_hw_params_set_period_size_near(...) pyj_alsa.snd_pcm_hw_params_set_period_size_near(__VA_ARGS__)
#  define snd_pcm_hw_params_set_rate_near(...) pyj_alsa.snd_pcm_hw_params_set_rate_near(__VA_ARGS__)
#  define snd_pcm_hw_params_sizeof(...) pyj_alsa.snd_pcm_hw_params_sizeof(__VA_ARGS__)
#  define snd_pcm_prepare pyj_alsa_pcm_prepare
#  define snd_pcm_readi pyj_alsa_pcm_readi
#  define snd_pcm_writei pyj_alsa_pcm_writei
#  define snd_strerror(...) pyj_alsa.snd_strerror(__VA_ARGS__)
#  define snd_lib_error_set_handler(handler) pyj_alsa_set_error_handler(handler)
#  define snd_pcm_open(...) pyj_alsa_pcm_open(__VA_ARGS__)
#endif

#endif
