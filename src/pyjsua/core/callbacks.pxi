# Trampolines: PJSIP's callbacks, in one room per noun. Each gathers what its event carries into the struct
# of events.h and pushes a copy; none waits, locks what PJSIP does not allow there, or knows of Python.

include "callbacks_call.pxi"
include "callbacks_media.pxi"
include "callbacks_presence.pxi"
include "callbacks_account.pxi"
include "callbacks_transport.pxi"
include "callbacks_network.pxi"
include "callbacks_decision.pxi"


cdef void install_callbacks(pj.pjsua_callback *cb) noexcept nogil:
    """All of them, always: which events are copied is a matter of `pyj_wanted`."""
    install_call_callbacks(cb)
    install_media_callbacks(cb)
    install_presence_callbacks(cb)
    install_account_callbacks(cb)
    install_transport_callbacks(cb)
    install_network_callbacks(cb)
    install_decision_callbacks(cb)
