# Our own C, in src/native: queue, gate, ids, and a room for each noun. Events stand in native_events.pxd.

from libc.stdint cimport uint8_t, int16_t, int32_t, int64_t, uint16_t, uint32_t, uint64_t

cimport pj
from native_events cimport *

cdef extern from "queue.h" nogil:
    uint64_t pyj_now_ns()
    ctypedef struct pyj_queue_stats:
        uint64_t pushed
        uint64_t popped
        uint64_t dropped
        uint64_t starved
        uint64_t wakes
        uint64_t depth
        uint64_t high_water
        uint64_t cap
        uint64_t oldest_ns
    int pyj_queue_init()
    void pyj_queue_set_cap(uint64_t cap)
    pyj_record *pyj_queue_pop()
    void pyj_record_free(pyj_record *record)
    int pyj_queue_fd()
    int pyj_queue_may_sleep()
    int pyj_queue_wait(int timeout_ms)
    void pyj_queue_wake()
    void pyj_queue_ack()
    void pyj_queue_get_stats(pyj_queue_stats *stats)

cdef extern from "call_ops.h" nogil:
    pj.pj_status_t pyj_call_answer_with_sdp(
        pj.pjsua_call_id id, const pj.pj_str_t *text, const pj.pjsua_call_setting *opt, unsigned code,
        const pj.pj_str_t *reason, const pj.pjsua_msg_data *msg_data, int *bad_sdp)
    pj.pj_status_t pyj_call_modify_codec_param(pj.pjsua_call_id id, int med_idx, const pyj_codec_param *param,
                                               const char **wrong)

cdef extern from "acc_rules.h" nogil:
    enum:
        PYJ_MAX_MATCHES
        PYJ_MAX_USER
    ctypedef struct pyj_source:
        int version
        unsigned bits
        uint8_t addr[16]
    ctypedef struct pyj_user:
        unsigned len
        int prefix
        char *text
    ctypedef struct pyj_match:
        unsigned user_count
        unsigned source_count
        pyj_user *user
        pyj_source *source
    pj.pj_status_t pyj_acc_match_set(uint64_t serial, const pyj_match *match)
    void pyj_acc_match_find(const pj.pjsip_rx_data *rdata, pj.pjsua_acc_id *id)
    pj.pj_status_t pyj_acc_subscribe_set(uint64_t serial, int code)
    int pyj_acc_subscribe_code(pj.pjsua_acc_id id)

cdef extern from "im_challenge.h" nogil:
    void pyj_im_challenge(const pj.pjsua_on_auth_challenge_param *param)

cdef extern from "reg_started.h" nogil:
    int pyj_reg_started(pj.pjsua_acc_id id)
    int pyj_reg_ended(pj.pjsua_acc_id id, int is_unreg)


cdef extern from "rtp_ports.h" nogil:
    void pyj_rtp_ports_seek(pj.pjsua_acc_id id)
    void pyj_rtp_ports_incoming(const pj.pjsip_rx_data *rdata, pj.pjsua_acc_id id)


cdef extern from "reg_retry.h" nogil:
    long pyj_reg_retry(pj.pjsua_acc_id id, const pj.pjsip_rx_data *rdata)

cdef extern from "codecs.h" nogil:
    ctypedef struct pyj_codec:
        char name[32]
        unsigned clock_rate
        unsigned channel_cnt
    ctypedef struct pyj_codecs:
        unsigned count
        pyj_codec *codec
    pj.pj_status_t pyj_codecs_find(const pj.pj_str_t *ids, unsigned count, pyj_codecs *out)
    pj.pj_status_t pyj_codec_set_priority(const pj.pj_str_t *codec_id, pj.pj_uint8_t priority)
    pj.pj_status_t pyj_codecs_set(uint64_t serial, const pyj_codecs *codecs)
    void pyj_codecs_get(uint64_t serial, pyj_codecs *out)
    pj.pj_status_t pyj_call_codecs_set(pj.pjsua_call_id id, const pyj_codecs *codecs)
    int pyj_codecs_in_common(pj.pjsua_call_id id, const pj.pjmedia_sdp_session *offer)
    void pyj_codecs_keep(int keep)
    void pyj_codecs_filter(pj.pjsua_call_id id, pj.pjmedia_sdp_session *sdp, pj.pj_pool_t *pool,
                           const pj.pjmedia_sdp_session *rem_sdp)

cdef extern from "dialogs.h" nogil:
    void pyj_dialog_met(pj.pjsua_call_id id)

cdef extern from "acc_names.h" nogil:
    pj.pj_status_t pyj_acc_name_set(uint64_t serial, const pj.pj_str_t *uri)
    void pyj_acc_name_update(pj.pjsua_acc_id id)
    void pyj_acc_name_drop(uint64_t serial)

cdef extern from "tx_headers.h" nogil:
    enum:
        PYJ_MAX_ADDED
        PYJ_MAX_RULES
    pj.pj_status_t pyj_call_headers_set(pj.pjsua_call_id id, const pj.pj_str_t *method, int lowest, int highest,
                                        int once, const pj.pj_str_t *text)
    pj.pj_status_t pyj_acc_headers_set(pj.pjsua_acc_id id, const pj.pj_str_t *method, int lowest, int highest,
                                       const pj.pj_str_t *text)
    void pyj_acc_headers_moved(pj.pjsua_acc_id id)
    void pyj_headers_incoming(const pj.pjsip_rx_data *rdata, pj.pjsua_acc_id id)
    pj.pj_status_t pyj_call_hangup(pj.pjsua_call_id id, unsigned code, const pj.pj_str_t *reason,
                                   const pj.pjsua_msg_data *msg_data)

cdef extern from "tls.h" nogil:
    void pyj_tls_describe(const pj.pjsip_transport *tp, const pj.pjsip_transport_state_info *info, pyj_tls_info *out)

cdef extern from "requests.h" nogil:
    pj.pj_status_t pyj_acc_send_request(pj.pjsua_acc_id id, const pj.pj_str_t *uri, const pj.pj_str_t *method,
                                        unsigned long token, const pj.pjsua_msg_data *msg_data)
    int pyj_request_ended(void *token, const pj.pjsip_event *event, pyj_about *about,
                          pyj_on_acc_send_request *out)

cdef extern from "timers.h" nogil:
    enum:
        PYJ_MAX_TIMERS
    pj.pj_status_t pyj_timer_schedule(const pj.pj_time_val *delay, unsigned long token, pyj_serial_id *id)
    int pyj_timer_cancel(int slot, uint64_t serial, unsigned long *token)

cdef extern from "network.h" nogil:
    enum:
        PYJ_STUN_SERVERS
    void pyj_stun_result(const pj.pj_stun_resolve_result *result, char *buf, pj.pj_size_t size,
                         pyj_on_stun_resolution_complete *out)
    void pyj_ip_change_describe(pj.pjsua_ip_change_op op, const pj.pjsua_ip_change_op_info *info, pyj_about *about,
                                pyj_on_ip_change_progress *out)
    pj.pj_status_t pyj_resolve_stun_servers(unsigned count, pj.pj_str_t *srv, pj.pj_bool_t wait, unsigned long token)

cdef extern from "dump.h" nogil:
    char *pyj_dump(pj.pj_bool_t detail)

cdef extern from "buddies.h" nogil:
    uint64_t pyj_buddy_serial(pj.pjsua_buddy_id id)
    pj.pj_status_t pyj_buddy_enter(pj.pjsua_buddy_id id, uint64_t serial)
    void pyj_buddies_enter()
    void pyj_buddy_leave()
    pj.pj_status_t pyj_buddy_add(const pj.pjsua_buddy_config *cfg, pj.pjsua_buddy_id *id)
    pj.pj_status_t pyj_buddy_del(pj.pjsua_buddy_id id, uint64_t serial)
    pj.pj_status_t pyj_buddy_pack_info(pj.pjsua_buddy_id id, void **block)
    pj.pj_status_t pyj_buddy_pack_dlg_event_info(pj.pjsua_buddy_id id, void **block)
    void pyj_buddy_gather(pj.pjsua_buddy_id id, pj.pjsua_buddy_info *info)
    void pyj_buddy_gather_dlg_event(pj.pjsua_buddy_id id, pj.pjsua_buddy_dlg_event_info *info)
    void pyj_buddy_forget_dangling(pj.pjsua_buddy_id id, const pj.pjsip_event *event)

cdef extern from "im_sending.h" nogil:
    ctypedef struct pyj_im_sending:
        pass
    void pyj_im_begin(pyj_im_sending *one, unsigned long number)
    void pyj_im_end(pyj_im_sending *one, pj.pj_status_t status)
    void pyj_im_told(unsigned long number, pyj_record *record)

cdef extern from "im_answers.h" nogil:
    int pyj_im_unanswered(pj.pjsua_call_id call_id, pj.pjsip_rx_data *rdata)
    pyj_serial_id pyj_im_keep(pj.pjsip_rx_data *rdata, pj.pjsua_acc_id acc_id)
    void pyj_im_refuse(pj.pjsip_rx_data *rdata)
    pj.pj_status_t pyj_acc_send_response(pj.pjsua_acc_id acc_id, int id, uint64_t serial, int code,
                                         const pj.pj_str_t *text, const pj.pjsua_msg_data *msg_data)


cdef extern from "stun_wait.h" nogil:
    void pyj_stun_settle(pj.pjsua_acc_id acc_id)


cdef extern from "subscriptions.h" nogil:
    pj.pj_status_t pyj_acc_subscribe(pj.pjsua_acc_id acc_id, const pj.pj_str_t *uri, const pj.pj_str_t *event,
                                     const pj.pj_str_t *accept, unsigned expires,
                                     const pj.pjsua_msg_data *msg_data, pyj_serial_id *out)
    pj.pj_status_t pyj_subscription_refresh(int id, uint64_t serial, int expires)

cdef extern from "event_packages.h" nogil:
    ctypedef struct pyj_package:
        pj.pj_str_t event
        pj.pj_str_t accept
        unsigned expires
        unsigned min_expires
        int resend

cdef extern from "subscribe_requests.h" nogil:
    pj.pj_status_t pyj_subscribe_respond(int id, uint64_t serial, int code, const pj.pj_str_t *text,
                                         const pj.pjsua_msg_data *msg_data, pyj_serial_id *subscriber)

cdef extern from "notifier.h" nogil:
    ctypedef struct pyj_notify:
        pj.pjsip_evsub_state state
        const pj.pj_str_t *state_str
        const pj.pj_str_t *reason
        int retry_after
        const pj.pjsua_msg_data *msg_data
    pj.pj_status_t pyj_acc_register_pkg(pj.pjsua_acc_id acc_id, const pyj_package *package)
    pj.pj_status_t pyj_acc_unregister_pkg(pj.pjsua_acc_id acc_id, const pj.pj_str_t *event)
    pj.pj_status_t pyj_subscriber_notify(int id, uint64_t serial, const pyj_notify *what, int *cseq)

cdef extern from "srv_pres.h" nogil:
    pyj_serial_id pyj_srv_pres_add(pj.pjsua_srv_pres *srv_pres, pj.pjsua_acc_id acc_id)
    pyj_serial_id pyj_srv_pres_id(const pj.pjsua_srv_pres *srv_pres, uint64_t *acc_serial)
    void pyj_srv_pres_remove(const pj.pjsua_srv_pres *srv_pres)
    pj.pj_status_t pyj_pres_notify(pj.pjsua_acc_id acc_id, int id, uint64_t serial, pj.pjsip_evsub_state state,
                                   const pj.pj_str_t *state_str, const pj.pj_str_t *reason, pj.pj_bool_t with_body,
                                   const pj.pjsua_msg_data *msg_data)
    pj.pj_status_t pyj_pres_set_online_status(pj.pjsua_acc_id acc_id, pj.pj_bool_t is_online,
                                              const pj.pjrpid_element *rpid)
    int pyj_pres_dump(char *buf, int size, pj.pj_bool_t verbose)

cdef extern from "text.h" nogil:
    pj.pj_status_t pyj_call_send_text(pj.pjsua_call_id id, const pj.pjsua_call_send_text_param *param)

cdef extern from "uri.h" nogil:
    pj.pj_status_t pyj_verify_sip_uri(const pj.pj_str_t *text)
    pj.pj_status_t pyj_verify_uri(const pj.pj_str_t *text)

cdef extern from "gate.h" nogil:
    enum:
        PYJ_EFORKED
        PYJ_ESTATE
        PYJ_ESTALE
        PYJ_ETHREAD
        PYJ_EHOOK
        PYJ_ENOCLOCK
        PYJ_EUNHEARD
    pj.pj_status_t pyj_enter(pj.pjsua_state at_least)
    void pyj_leave()
    pj.pj_status_t pyj_create()
    pj.pj_status_t pyj_init(const pj.pjsua_config *ua, const pj.pjsua_logging_config *log,
                            const pj.pjsua_media_config *media)
    pj.pj_status_t pyj_start()
    pj.pj_status_t pyj_destroy(unsigned flags, unsigned wait_ms)
    pj.pj_status_t pyj_stop_worker_threads()
    pj.pj_status_t pyj_reconfigure_logging(const pj.pjsua_logging_config *cfg)
    pj.pj_str_t pyj_strerror(pj.pj_status_t status, char *buf, pj.pj_size_t size)
    pj.pjsua_state pyj_state()
    uint32_t pyj_epoch()
    int pyj_forked()
    int pyj_entrants()

cdef extern from "ids.h" nogil:
    ctypedef enum pyj_table:
        PYJ_PLAYERS
        PYJ_RECORDERS
        PYJ_PCMS
        PYJ_TONEGENS
        PYJ_TRANSPORTS
    ctypedef enum pyj_owner:
        PYJ_OWNER_NONE
        PYJ_OWNER_CALL
        PYJ_OWNER_PLAYER
        PYJ_OWNER_RECORDER
        PYJ_OWNER_PCM
        PYJ_OWNER_TONEGEN
    ctypedef struct pyj_port:
        int slot
        pyj_owner owner
        int owner_id
        uint64_t owner_serial
    ctypedef struct pyj_ports_held:
        pass
    uint64_t pyj_serial_new()
    void *pyj_call_user_data(uint64_t serial)
    uint64_t pyj_call_serial(pj.pjsua_call_id id)
    pyj_serial_id pyj_call_parent(pj.pjsua_call_id id)
    int pyj_call_ended(pj.pjsua_call_id id)
    int pyj_call_holds(pj.pjsua_call_id id, uint64_t serial)
    uint64_t pyj_call_last_serial(pj.pjsua_call_id id)
    pj.pj_status_t pyj_call_media_room(pj.pjsua_call_id id, const pj.pjsua_call_setting *opt)
    pj.pj_status_t pyj_call_enter(pj.pjsua_call_id id, uint64_t serial, void **held)
    void pyj_call_leave(void *held)
    int pyj_call_last_cseq(const void *held)
    pj.pj_status_t pyj_call_has_dialog(pj.pjsua_call_id id)
    void pyj_make_call_begin(uint64_t serial)
    int pyj_making_call(uint64_t serial)
    void pyj_make_call_end()
    uint64_t pyj_acc_serial(pj.pjsua_acc_id id)
    pj.pj_status_t pyj_acc_enter(pj.pjsua_acc_id id, uint64_t serial)
    void pyj_acc_leave()
    pj.pj_status_t pyj_acc_del(pj.pjsua_acc_id id, uint64_t serial, int force)
    pj.pj_status_t pyj_acc_pack_info(pj.pjsua_acc_id id, const pyj_struct *shape, void **block)
    pj.pj_status_t pyj_acc_pack_config(pj.pjsua_acc_id id, const pyj_struct *shape, void **block)
    enum:
        PYJ_MAX_TRANSPORTS
    void pyj_slot_set(pyj_table table, int id, uint64_t serial)
    uint64_t pyj_slot_serial(pyj_table table, int id)
    pj.pj_status_t pyj_slot_enter(pyj_table table, int id, uint64_t serial, int destroy)
    void pyj_slot_leave(pyj_table table)
    void pyj_slots_enter(pyj_table table)
    pj.pj_status_t pyj_ports_enter(const pyj_port *ports, int count, pyj_ports_held *held)
    pj.pj_status_t pyj_port_hold(const pyj_port *port, pyj_ports_held *held)
    void pyj_ports_leave(pyj_ports_held *held)

cdef extern from "account.h" nogil:
    unsigned pyj_acc_pack_infos(const pyj_struct *shape, void **blocks, uint64_t *serials)
    pj.pj_status_t pyj_acc_create_uac_contact(pj.pjsua_acc_id id, const pj.pj_str_t *uri, char *buf,
                                              pj.pj_size_t size, pj.pj_str_t *contact)

cdef extern from "log.h" nogil:
    void pyj_log_write(int level, const char *data, int len)
    const char *pyj_log_last_error()

cdef extern from "devices.h" nogil:
    pj.pj_status_t pyj_devices_open(const pj.pjsua_snd_dev_param *param)
    pj.pj_status_t pyj_devices_open_pair(int capture, int playback)
    pj.pj_status_t pyj_devices_refresh()
    pj.pj_status_t pyj_devices_list(pj.pjmedia_aud_dev_info **infos, unsigned *count)
    pj.pj_status_t pyj_devices_list_snd(pj.pjmedia_snd_dev_info **infos, unsigned *count)
    void pyj_devices_on_event(const pj.pjmedia_event *event)
    void pyj_devices_on_change()
    pj.pj_status_t pyj_devices_set_setting(pj.pjmedia_aud_dev_cap cap, const unsigned *value, pj.pj_bool_t keep)
    pj.pj_status_t pyj_devices_get_setting(pj.pjmedia_aud_dev_cap cap, void *value)
    pj.pj_status_t pyj_devices_pack_echo(const pyj_struct *shape, void **block)

cdef extern from "players.h" nogil:
    pj.pj_status_t pyj_player_create(const pj.pj_str_t *filename, unsigned options, uint64_t serial,
                                     pj.pjsua_player_id *id)
    ctypedef struct pyj_playlist:
        const pj.pj_str_t *files
        unsigned count
        pj.pj_str_t label
        unsigned rate
        unsigned channels
        uint64_t shortest
        uint64_t bytes
    pj.pj_status_t pyj_playlist_create(const pyj_playlist *list, unsigned options, uint64_t serial,
                                       pj.pjsua_player_id *id)
    pj.pj_status_t pyj_player_set_pos(pj.pjsua_player_id id, pj.pj_uint32_t samples)

cdef extern from "hooks.h" nogil:
    ctypedef struct pyj_answer:
        int given
        int number
        char reason[128]
        int has_setting
        pj.pjsua_call_setting setting
        pyj_stream_setting stream
        char *text
        uint32_t text_len
    ctypedef struct pyj_question:
        uint64_t serial
        pyj_record *record
    ctypedef struct pyj_hook_stats:
        uint64_t asked
        uint64_t answered
        uint64_t late
        uint64_t busy
    int pyj_hook_set(uint16_t kind)
    int pyj_hook_ask(uint16_t kind, const void *payload, const pyj_about *about, pyj_message *message,
                     pyj_answer *answer)
    void pyj_hooks_want(uint16_t kind, int on)
    uint32_t pyj_hooks_open(unsigned deadline_ms)
    void pyj_hooks_close()
    pyj_question *pyj_hook_take(uint32_t generation)
    int pyj_hook_finish(pyj_question *question, const pyj_answer *answer)
    uint64_t pyj_hook_overdue(uint32_t generation)
    void pyj_hook_get_stats(pyj_hook_stats *stats)

cdef extern from "decisions.h" nogil:
    pyj_policy pyj_policies
    void pyj_policy_default(pyj_policy *policy)
    int pyj_sdp_text(const pj.pjmedia_sdp_session *sdp, char *buf, int size)
    int pyj_sdp_replace(pj.pj_pool_t *pool, pj.pjmedia_sdp_session *sdp, char *text, uint32_t len)
    pj.pj_str_t pyj_keep_reason(const char *reason)
    pj.pj_str_t pyj_reason_of(int code)
    int pyj_redirect_defer(pj.pjsua_call_id id)
    pj.pj_status_t pyj_call_process_redirect(pj.pjsua_call_id id, pj.pjsip_redirect_op op)
    void pyj_reinvite_tsx_state(pj.pjsua_call_id id, const pj.pjsip_transaction *tsx)
    int pyj_reinvite_defer(pj.pjsua_call_id id)
    int pyj_reinvite_deferred(pj.pjsua_call_id id)
    void pyj_reinvite_keep_answer(pj.pjsua_call_id id, const char *text, int len)
    pj.pj_status_t pyj_call_answer2(pj.pjsua_call_id id, const pj.pjsua_call_setting *opt, unsigned code,
                                    const pj.pj_str_t *reason, const pj.pjsua_msg_data *msg_data)
    void pyj_decisions_call_ended(pj.pjsua_call_id id)

cdef extern from "challenges.h" nogil:
    int pyj_challenge_defer(pj.pjsua_on_auth_challenge_param *param, const pyj_about *about)
    pj.pj_status_t pyj_challenge_respond(int number, unsigned count, const pj.pjsip_cred_info *creds)
    pj.pj_status_t pyj_challenge_abandon(int number)

cdef extern from "held_decisions.h" nogil:
    pj.pj_status_t pyj_held_respond(int id, uint64_t serial, int code, const pj.pj_str_t *text,
                                    const pj.pjsua_call_setting *opt, const pj.pjsua_msg_data *msg_data,
                                    pyj_serial_id *new_call)
    int pyj_verdict(pyj_held_request kind, int *code, pj.pjsua_call_setting *opt)
    void pyj_verdict_made(pj.pjsua_call_id id, uint64_t serial)
    void pyj_held_call_ended(const pyj_about *about)

cdef extern from "transfer_end.h" nogil:
    void pyj_transfer_call_ended(pj.pjsua_call_id id)

cdef extern from "held_offers.h" nogil:
    pj.pj_status_t pyj_call_may_reinvite(pj.pjsua_call_id id)
    pj.pj_status_t pyj_call_may_update(pj.pjsua_call_id id, int offers)

cdef extern from "dialogs.h" nogil:
    pj.pj_status_t pyj_dialog_hold_requests(pj.pjsua_call_id id, int which)

cdef extern from "overload.h" nogil:
    ctypedef struct pyj_admission:
        pass
    void pyj_admission_came(pj.pjsua_call_id id)
    void pyj_admission_changed(pj.pjsua_call_id id, int ended)
    void pyj_admission_limit(int max_pending, int retry_after)
    void pyj_admission_drain(int code, int retry_after)
    void pyj_admission_get(pyj_admission *out)

cdef extern from "pcm_wait.h" nogil:
    ctypedef struct pyj_pcm:
        pass
    ctypedef struct pyj_pcm_stats:
        unsigned long written
        unsigned long played
    ctypedef struct pyj_pcm_mark_info:
        unsigned long number
        pj.pj_str_t name
        int outcome
        double played_ms
        double when
    ctypedef struct pyj_mark:
        uint64_t number
        uint64_t time_ns
        double played_ms
        int outcome
        unsigned name_size
        char *name
    int PYJ_MARK_NAME
    ctypedef enum pyj_pcm_what:
        PYJ_PCM_ROOM
        PYJ_PCM_READABLE
        PYJ_PCM_PLAYED
        PYJ_PCM_SPEECH
    int PYJ_PCM_GONE
    int PYJ_PCM_NO_CLOCK
    int PYJ_PCM_UNHEARD
    int PYJ_PCM_LOOK_MS
    ctypedef struct pyj_pcm_patience:
        pass
    pyj_pcm *pyj_pcm_new(unsigned clock_rate, unsigned channel_count, size_t write_ahead, size_t read_behind,
                         size_t prefill)
    void pyj_pcm_unref(pyj_pcm *pcm)
    pj.pj_status_t pyj_pcm_attach(pyj_pcm *pcm, uint64_t serial, int *slot)
    pj.pj_status_t pyj_pcm_detach(pyj_pcm *pcm)
    size_t pyj_pcm_write(pyj_pcm *pcm, const int16_t *samples, size_t count)
    size_t pyj_pcm_read(pyj_pcm *pcm, int16_t *samples, size_t count)
    size_t pyj_pcm_queued(const pyj_pcm *pcm)
    size_t pyj_pcm_readable(const pyj_pcm *pcm)
    size_t pyj_pcm_room(const pyj_pcm *pcm)
    size_t pyj_pcm_clear(pyj_pcm *pcm)
    size_t pyj_pcm_skip(pyj_pcm *pcm)
    void pyj_pcm_pause(pyj_pcm *pcm, int paused)
    void pyj_pcm_expect_end(pyj_pcm *pcm)
    int64_t pyj_pcm_mark(pyj_pcm *pcm, const char *name, size_t name_size, int keep, uint64_t *place)
    int pyj_pcm_collect(pyj_pcm *pcm, pyj_mark *mark)
    void pyj_pcm_wait_begin(const pyj_pcm *pcm, pyj_pcm_patience *patience)
    int pyj_pcm_wait(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count, int timeout_ms, pyj_pcm_patience *patience)
    int pyj_pcm_ask(pyj_pcm *pcm, pyj_pcm_what what, uint64_t count)
    int pyj_pcm_ready_fd()
    pyj_pcm *pyj_pcm_ready()
    pyj_pcm *pyj_pcm_next_ready(pyj_pcm *pcm, int *slot, uint64_t *serial)
    void pyj_pcm_detect_speech(pyj_pcm *pcm, unsigned level, uint64_t begin, uint64_t end)
    uint64_t pyj_pcm_speech_edges(const pyj_pcm *pcm, uint64_t *place)
    void pyj_pcm_get_stats(const pyj_pcm *pcm, pyj_pcm_stats *stats)
    void pyj_pcm_census(uint64_t *made, uint64_t *destroyed)
    uint64_t pyj_pcm_ticks()

cdef extern from "stereo.h" nogil:
    ctypedef struct pyj_stereo:
        pass
    ctypedef struct pyj_stereo_stats:
        uint64_t received
        uint64_t read
        uint64_t lost
    pyj_stereo *pyj_stereo_new()
    void pyj_stereo_unref(pyj_stereo *stereo)
    pj.pj_status_t pyj_stereo_attach(pyj_stereo *stereo, unsigned read_behind_ms, uint64_t serial, int *slots)
    void pyj_stereo_detach(pyj_stereo *stereo)
    unsigned pyj_stereo_clock_rate(const pyj_stereo *stereo)
    size_t pyj_stereo_read(pyj_stereo *stereo, int16_t *samples, size_t count)
    size_t pyj_stereo_readable(const pyj_stereo *stereo)
    void pyj_stereo_get_stats(const pyj_stereo *stereo, pyj_stereo_stats *stats)

cdef extern from "bridge.h" nogil:
    pj.pj_status_t pyj_conf_adjust_conn_level(int source, int sink, float level)
    pj.pj_status_t pyj_recorder_get_pos(pj.pjsua_recorder_id id, pj.pj_ssize_t *bytes)

cdef extern from "tone.h" nogil:
    ctypedef struct pyj_digit_map:
        unsigned count
        char digits[16]
        short freq1[16]
        short freq2[16]
    pj.pj_status_t pyj_tonegen_create(unsigned clock_rate, unsigned channel_count, unsigned options, uint64_t serial,
                                      int *id)
    pj.pj_status_t pyj_tonegen_play(int id, unsigned count, const pj.pjmedia_tone_desc *tones, unsigned options)
    pj.pj_status_t pyj_tonegen_play_digits(int id, unsigned count, const pj.pjmedia_tone_digit *digits,
                                           unsigned options)
    pj.pj_status_t pyj_tonegen_stop(int id)
    pj.pj_status_t pyj_tonegen_stop_loop(int id)
    pj.pj_status_t pyj_tonegen_rewind(int id)
    int pyj_tonegen_is_busy(int id)
    void pyj_tonegen_get_digit_map(int id, pyj_digit_map *map)
    pj.pj_status_t pyj_tonegen_set_digit_map(int id, const pyj_digit_map *map)
    void pyj_tonegen_destroy(int id)
    void pyj_tonegen_census(uint64_t *made, uint64_t *destroyed)

cdef extern from "pyjsua_api.h" nogil:
    enum:
        PYJSUA_OK
        PYJSUA_EINVAL
        PYJSUA_ESTATE
        PYJSUA_ESTALE
    ctypedef struct pyjsua_slot:
        uint64_t serial
        int slot
    ctypedef struct pyjsua_api:
        object (*conf_port)(const pyjsua_slot *port)

cdef extern from "native_port.h" nogil:
    int pyj_native_port_remove(const pyjsua_slot *port)
    int pyj_native_port_alive(const pyjsua_slot *port)

cdef extern from "api.h" nogil:
    pyjsua_api pyj_api

cdef extern from "openssl/crypto.h" nogil:
    const char *OpenSSL_version(int type)
