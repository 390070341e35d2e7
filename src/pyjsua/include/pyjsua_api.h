/* pyjsua for other extension modules: ports of one's own in the conference bridge, and every message on the wire.
 *
 * Only types of this header cross the border. Compile with `pyjsua.get_include()`, call pyjsua_import() once in
 * the module's init, and use the table it gives.
 *
 *  - No function of the table needs the GIL, but `conf_port`. Call the others without it.
 *  - Callbacks come from PJSIP's threads without the GIL, with PJSIP's locks held: they may not block, take the GIL
 *    or wait for who has it. Of the table they may call epoch, state, now_ns, call_serial and observer_remove;
 *    the others answer PYJSUA_EBUSY there.
 *  - The module that holds them is never unloaded: CPython does not unload extension modules. */
#ifndef PYJSUA_API_H
#define PYJSUA_API_H

#include <Python.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Rises when a struct of this header changes other than by fields at its end. */
#define PYJSUA_ABI_VERSION 1
#define PYJSUA_CAPSULE "pyjsua._core.api"

enum {
    PYJSUA_OK = 0,
    PYJSUA_EINVAL = -1, /* an argument */
    PYJSUA_ENOMEM = -2, /* memory, conference slots or observers */
    PYJSUA_ESTATE = -3, /* the library is not initialized, or this process is a fork */
    PYJSUA_ESTALE = -4, /* what was named has gone */
    PYJSUA_EBUSY = -5,  /* called from a callback */
    PYJSUA_EFAILED = -6 /* PJSIP refused; its log says why */
};

/* A conference slot, and which port had it: a slot is reused, a serial never. */
typedef struct pyjsua_slot {
    uint64_t serial;
    int32_t slot;
} pyjsua_slot;

/* What a port is made of. Set size to sizeof; what is beyond it is taken for 0. */
typedef struct pyjsua_port_ops {
    uint32_t size;
    uint32_t clock_rate;        /* Hz: 8000, 16000, 24000, 32000, 44100 or 48000; 0 for the bridge's */
    uint32_t channel_count;     /* 1 or 2, interleaved; 0 for 1 */
    uint32_t samples_per_frame; /* per channel, whole ms, 1 to 120 of them; 0 for the bridge's frames */
    const char *name;           /* for the bridge's list of ports; NULL for "native" */

    /* Fills `count` samples of 16 bits, of all channels together; they are zero before. Returns 0 for silence.
     * Called while somebody listens. NULL: the port says nothing. */
    int (*get_frame)(void *user, int16_t *samples, uint32_t count);
    /* What the port hears, at each tick of its clock; `samples` is NULL where nobody says anything.
     * NULL: it does not listen. */
    void (*put_frame)(void *user, const int16_t *samples, uint32_t count);
    /* The bridge is done with the port and calls nothing of it any more: free `user`. Exactly once for each port that was
     * added, on whatever thread lets go last: the clock's, one that calls port_remove, or one that destroys the library. */
    void (*on_destroy)(void *user);
} pyjsua_port_ops;

/* A message as it crossed the wire; good during the callback. */
typedef struct pyjsua_message {
    uint32_t size;          /* of this struct */
    uint32_t len;           /* of data */
    const char *data;       /* not terminated */
    const char *transport;  /* "UDP", "TLS", ... */
    const char *local;      /* "192.0.2.1:5060", IPv6 in brackets; empty if unknown */
    const char *remote;
    uint64_t time_ns;       /* as now_ns tells it */
    uint64_t call_serial;   /* 0 for none, or not known yet */
    uint64_t acc_serial;
    int32_t call_id;        /* -1 likewise */
    int32_t acc_id;
    int32_t sent;           /* 1: by us, 0: to us */
} pyjsua_message;

typedef struct pyjsua_api {
    uint32_t abi_version;
    uint32_t size; /* of this struct in the pyjsua that runs; functions beyond it are not there */

    /* Adds a port to the bridge. Where it fails on_destroy is not called. */
    int (*port_add)(const pyjsua_port_ops *ops, void *user, pyjsua_slot *out);
    /* Takes it out; at most a tick of the clock later on_destroy is called, if it was not yet. */
    int (*port_remove)(const pyjsua_slot *port);
    /* Whether it is in the bridge. */
    int (*port_alive)(const pyjsua_slot *port);
    /* `pyjsua.pjsua.ConfPortId` of it, for `conf_connect` and `pyjsua.NativePort`. Wants the GIL. A new reference,
     * or NULL with an exception set. */
    PyObject *(*conf_port)(const pyjsua_slot *port);

    /* Has `callback` see every message from now on, also of later libraries of this process. Up to 16. */
    int (*observer_add)(void (*callback)(void *user, const pyjsua_message *message), void (*on_removed)(void *user),
                        void *user, uint64_t *observer);
    /* Any thread, any time, also in a callback; never waits. Once no callback of it runs any more on_removed is called,
     * if it is not NULL, by who came out last. */
    int (*observer_remove)(uint64_t observer);

    /* How many libraries there were in this process: ids belong to one. */
    uint32_t (*epoch)(void);
    /* pjsua_state: 0 none, 1 created, 3 initialized, 5 running. */
    int (*state)(void);
    /* The clock of events and messages: monotonic, ns. */
    uint64_t (*now_ns)(void);
    /* Which call has that id now; 0 for none. */
    uint64_t (*call_serial)(int32_t call_id);
    /* Of the bridge. */
    int (*bridge_format)(uint32_t *clock_rate, uint32_t *samples_per_frame);
} pyjsua_api;

/* The table; NULL with ImportError set. With the GIL. */
static inline const pyjsua_api *pyjsua_import(void)
{
    PyObject *module = PyImport_ImportModule("pyjsua.pjsua");
    const pyjsua_api *api;

    if (!module)
        return NULL;
    Py_DECREF(module);
    api = (const pyjsua_api *)PyCapsule_Import(PYJSUA_CAPSULE, 0);
    if (!api) {
        PyErr_SetString(PyExc_ImportError, "this pyjsua has no C API (" PYJSUA_CAPSULE ")");
        return NULL;
    }
    if (api->abi_version != PYJSUA_ABI_VERSION || api->size < sizeof(pyjsua_api)) {
        PyErr_Format(PyExc_ImportError,
                     "built for version %d of pyjsua's C API (%d bytes), and the pyjsua installed has version %d (%d bytes): "
                     "build this module again",
                     PYJSUA_ABI_VERSION, (int)sizeof(pyjsua_api), (int)api->abi_version, (int)api->size);
        return NULL;
    }
    return api;
}

#ifdef __cplusplus
}
#endif

#endif
