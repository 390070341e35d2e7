/* Ports and observers that use all that they are given, for native_storm.py: the first and the last sample, each byte of a
 * message, and memory of their own that goes when they are told that nobody calls them any more. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pyjsua_api.h>

enum { MARK = 0x5aa5 };

static const pyjsua_api *api;
static _Atomic unsigned added, destroyed, said, heard, watching, removed, messages, refused, wrong;
static _Atomic unsigned sink;

/* One for each: freed in on_destroy or on_removed, so that a call afterwards is one of freed memory. */
typedef struct owner {
    int mark;
    _Atomic int leaves; /* an observer that takes itself away when it was called so often */
    _Atomic uint64_t observer;
    int16_t *samples;
    uint32_t count;
} owner;

static owner *new_owner(uint32_t count)
{
    owner *made = calloc(1, sizeof(*made));

    if (made) {
        made->mark = MARK;
        made->count = count;
        made->samples = calloc(count ? count : 1, sizeof(*made->samples));
    }
    return made;
}

static void free_owner(owner *gone)
{
    if (gone->mark != MARK)
        wrong++;
    gone->mark = 0;
    free(gone->samples);
    free(gone);
}

/* What the table refuses to do inside a callback. */
static void try_from_inside(void)
{
    pyjsua_port_ops ops = {.size = sizeof(ops)};
    pyjsua_slot slot = {.serial = 1, .slot = 0};

    if (api->port_add(&ops, NULL, &slot) != PYJSUA_EBUSY || api->port_remove(&slot) != PYJSUA_EBUSY)
        wrong++;
    else
        refused++;
    sink += api->epoch() + (unsigned)api->state() + (unsigned)api->now_ns();
}

static int get_frame(void *user, int16_t *samples, uint32_t count)
{
    owner *mine = user;

    if (mine->mark != MARK || count > mine->count)
        wrong++;
    for (uint32_t i = 0; i < count; i++)
        if (samples[i])
            wrong++;
    memcpy(samples, mine->samples, count * sizeof(*samples));
    if (said++ % 64 == 0)
        try_from_inside();
    return said % 3 != 0;
}

static void put_frame(void *user, const int16_t *samples, uint32_t count)
{
    owner *mine = user;

    if (mine->mark != MARK || count > mine->count)
        wrong++;
    if (samples)
        memcpy(mine->samples, samples, count * sizeof(*samples));
    heard++;
}

static void on_destroy(void *user)
{
    free_owner(user);
    destroyed++;
}

static void on_removed(void *user)
{
    free_owner(user);
    removed++;
}

static void on_message(void *user, const pyjsua_message *message)
{
    owner *mine = user;
    unsigned sum = 0;

    if (mine->mark != MARK || message->size != sizeof(*message))
        wrong++;
    for (uint32_t i = 0; i < message->len; i++)
        sum += (unsigned char)message->data[i];
    sum += (unsigned)(strlen(message->transport) + strlen(message->local) + strlen(message->remote));
    if (message->call_serial)
        sum += (unsigned)api->call_serial(message->call_id);
    sink += sum;
    if (messages++ % 16 == 0)
        try_from_inside();
    /* Its number is written after observer_add, perhaps after the first message. */
    if (mine->leaves && --mine->leaves == 0 && mine->observer && api->observer_remove(mine->observer) == PYJSUA_EINVAL)
        wrong++;
}

static PyObject *add_port(PyObject *self, PyObject *args)
{
    pyjsua_port_ops ops = {.size = sizeof(ops), .name = "storm", .get_frame = get_frame, .put_frame = put_frame,
                           .on_destroy = on_destroy};
    pyjsua_slot port;
    owner *mine;
    PyObject *conf_port;
    int outcome;

    (void)self;
    if (!PyArg_ParseTuple(args, "III:add_port", &ops.clock_rate, &ops.channel_count, &ops.samples_per_frame))
        return NULL;
    mine = new_owner(ops.samples_per_frame * ops.channel_count);
    if (!mine)
        return PyErr_NoMemory();
    Py_BEGIN_ALLOW_THREADS
    outcome = api->port_add(&ops, mine, &port);
    Py_END_ALLOW_THREADS
    if (outcome != PYJSUA_OK) {
        free_owner(mine);
        return Py_BuildValue("iOK", outcome, Py_None, 0ULL);
    }
    added++;
    conf_port = api->conf_port(&port);
    return conf_port ? Py_BuildValue("iNK", port.slot, conf_port, port.serial) : NULL;
}

static PyObject *remove_port(PyObject *self, PyObject *args)
{
    pyjsua_slot port;
    unsigned long long serial;
    int outcome;

    (void)self;
    if (!PyArg_ParseTuple(args, "iK:remove_port", &port.slot, &serial))
        return NULL;
    port.serial = serial;
    Py_BEGIN_ALLOW_THREADS
    outcome = api->port_remove(&port);
    if (outcome == PYJSUA_OK && api->port_alive(&port))
        wrong++;
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(outcome);
}

static PyObject *add_observer(PyObject *self, PyObject *args)
{
    uint64_t observer = 0;
    owner *mine;
    int outcome, leaves;

    (void)self;
    if (!PyArg_ParseTuple(args, "i:add_observer", &leaves))
        return NULL;
    mine = new_owner(0);
    if (!mine)
        return PyErr_NoMemory();
    mine->leaves = leaves;
    Py_BEGIN_ALLOW_THREADS
    /* One that leaves by itself may be gone when this returns: it finds its number in there before. */
    outcome = api->observer_add(on_message, on_removed, mine, leaves ? (uint64_t *)&mine->observer : &observer);
    Py_END_ALLOW_THREADS
    if (outcome != PYJSUA_OK)
        free_owner(mine);
    else
        watching++;
    return Py_BuildValue("iK", outcome, (unsigned long long)observer);
}

static PyObject *remove_observer(PyObject *self, PyObject *args)
{
    unsigned long long observer;
    int outcome;

    (void)self;
    if (!PyArg_ParseTuple(args, "K:remove_observer", &observer))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    outcome = api->observer_remove(observer);
    Py_END_ALLOW_THREADS
    return PyLong_FromLong(outcome);
}

static PyObject *counts(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return Py_BuildValue("{sIsIsIsIsIsIsIsIsI}", "added", added, "destroyed", destroyed, "said", said, "heard", heard,
                         "watching", watching, "removed", removed, "messages", messages, "refused", refused,
                         "wrong", wrong);
}

static PyMethodDef functions[] = {
    {"add_port", add_port, METH_VARARGS, "(slot or error, ConfPortId, serial)"},
    {"remove_port", remove_port, METH_VARARGS, NULL},
    {"add_observer", add_observer, METH_VARARGS, "(error, number); with `leaves`, it goes after so many messages"},
    {"remove_observer", remove_observer, METH_VARARGS, NULL},
    {"counts", counts, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "storm_ports", .m_size = -1, .m_methods = functions,
};

PyMODINIT_FUNC PyInit_storm_ports(void)
{
    api = pyjsua_import();
    return api ? PyModule_Create(&module) : NULL;
}
