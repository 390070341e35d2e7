#include "api.h"

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "gate.h"
#include "ids.h"
#include "native_port.h"
#include "observer.h"
#include "queue.h"

static int state(void)
{
    return pyj_state();
}

static uint64_t call_serial(int32_t call_id)
{
    return pyj_call_last_serial(call_id);
}

static int bridge_format(uint32_t *clock_rate, uint32_t *samples_per_frame)
{
    if (!clock_rate || !samples_per_frame)
        return PYJSUA_EINVAL;
    if (pyj_enter(PJSUA_STATE_INIT) != PJ_SUCCESS)
        return PYJSUA_ESTATE;
    *clock_rate = pjsua_var.media_cfg.clock_rate;
    *samples_per_frame = pjsua_var.media_cfg.clock_rate * pjsua_var.media_cfg.audio_frame_ptime / 1000;
    pyj_leave();
    return PYJSUA_OK;
}

pyjsua_api pyj_api = {
    .abi_version = PYJSUA_ABI_VERSION,
    .size = sizeof(pyjsua_api),
    .port_add = pyj_native_port_add,
    .port_remove = pyj_native_port_remove,
    .port_alive = pyj_native_port_alive,
    .observer_add = pyj_observer_add,
    .observer_remove = pyj_observer_remove,
    .epoch = pyj_epoch,
    .state = state,
    .now_ns = pyj_now_ns,
    .call_serial = call_serial,
    .bridge_format = bridge_format,
};
