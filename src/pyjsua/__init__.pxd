# `cimport pyjsua`: the C API of pyjsua_api.h, which has what each of it does.

from libc.stdint cimport int16_t, int32_t, uint32_t, uint64_t

cdef extern from "pyjsua_api.h":
    enum:
        PYJSUA_ABI_VERSION
        PYJSUA_OK
        PYJSUA_EINVAL
        PYJSUA_ENOMEM
        PYJSUA_ESTATE
        PYJSUA_ESTALE
        PYJSUA_EBUSY
        PYJSUA_EFAILED

    ctypedef struct pyjsua_slot:
        uint64_t serial
        int32_t slot

    ctypedef struct pyjsua_port_ops:
        uint32_t size
        uint32_t clock_rate
        uint32_t channel_count
        uint32_t samples_per_frame
        const char *name
        int (*get_frame)(void *user, int16_t *samples, uint32_t count) noexcept nogil
        void (*put_frame)(void *user, const int16_t *samples, uint32_t count) noexcept nogil
        void (*on_destroy)(void *user) noexcept nogil

    ctypedef struct pyjsua_message:
        uint32_t size
        uint32_t len
        const char *data
        const char *transport
        const char *local
        const char *remote
        uint64_t time_ns
        uint64_t call_serial
        uint64_t acc_serial
        int32_t call_id
        int32_t acc_id
        int32_t sent

    ctypedef struct pyjsua_api:
        uint32_t abi_version
        uint32_t size
        int (*port_add)(const pyjsua_port_ops *ops, void *user, pyjsua_slot *out) noexcept nogil
        int (*port_remove)(const pyjsua_slot *port) noexcept nogil
        int (*port_alive)(const pyjsua_slot *port) noexcept nogil
        object (*conf_port)(const pyjsua_slot *port)
        int (*observer_add)(void (*callback)(void *user, const pyjsua_message *message) noexcept nogil,
                            void (*on_removed)(void *user) noexcept nogil,
                            void *user, uint64_t *observer) noexcept nogil
        int (*observer_remove)(uint64_t observer) noexcept nogil
        uint32_t (*epoch)() noexcept nogil
        int (*state)() noexcept nogil
        uint64_t (*now_ns)() noexcept nogil
        uint64_t (*call_serial)(int32_t call_id) noexcept nogil
        int (*bridge_format)(uint32_t *clock_rate, uint32_t *samples_per_frame) noexcept nogil

    const pyjsua_api *pyjsua_import() except NULL
