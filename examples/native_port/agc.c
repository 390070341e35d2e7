/* pyjsua_agc: what the port hears, it says again, as loud as was asked for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <pyjsua_api.h>

enum { MOST = 1920 };

static const pyjsua_api *api;

/* Of the clock's thread alone: the bridge asks for a frame, then leaves one. */
typedef struct agc {
    double target, gain;
    uint32_t count;
    int16_t frame[MOST];
} agc;

static void put_frame(void *user, const int16_t *samples, uint32_t count)
{
    agc *state = user;
    double sum = 0, level;

    state->count = 0;
    if (!samples || count > MOST)
        return;
    for (uint32_t i = 0; i < count; i++)
        sum += (double)samples[i] * samples[i];
    level = sqrt(sum / count);
    /* Slowly louder, and not for what is only noise; at once softer. */
    if (level > 50) {
        double wanted = state->target / level;

        state->gain = wanted < state->gain ? wanted : state->gain + (wanted - state->gain) * 0.1;
    }
    for (uint32_t i = 0; i < count; i++) {
        double sample = samples[i] * state->gain;

        state->frame[i] = (int16_t)(sample > 32767 ? 32767 : sample < -32768 ? -32768 : sample);
    }
    state->count = count;
}

static int get_frame(void *user, int16_t *samples, uint32_t count)
{
    agc *state = user;

    if (state->count != count)
        return 0;
    memcpy(samples, state->frame, count * sizeof(*samples));
    return 1;
}

static PyObject *add(PyObject *self, PyObject *args)
{
    pyjsua_port_ops ops = {.size = sizeof(ops), .clock_rate = 16000, .name = "agc",
                           .get_frame = get_frame, .put_frame = put_frame, .on_destroy = free};
    double target;
    pyjsua_slot port;
    agc *state;
    int outcome;

    (void)self;
    if (!PyArg_ParseTuple(args, "d:add", &target))
        return NULL;
    state = calloc(1, sizeof(*state));
    if (!state)
        return PyErr_NoMemory();
    state->target = target;
    state->gain = 1;
    Py_BEGIN_ALLOW_THREADS
    outcome = api->port_add(&ops, state, &port);
    Py_END_ALLOW_THREADS
    if (outcome != PYJSUA_OK) {
        free(state);
        return PyErr_Format(PyExc_RuntimeError, "port_add: %d", outcome);
    }
    return api->conf_port(&port);
}

static PyMethodDef functions[] = {
    {"add", add, METH_VARARGS, "add(target): a gain control with a root mean square of `target`; its ConfPortId."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "pyjsua_agc", .m_size = -1, .m_methods = functions,
};

PyMODINIT_FUNC PyInit_pyjsua_agc(void)
{
    api = pyjsua_import();
    return api ? PyModule_Create(&module) : NULL;
}
