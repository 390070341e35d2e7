/* Ports in the bridge whose frames are another extension module's, in C. */
#ifndef PYJ_NATIVE_PORT_H
#define PYJ_NATIVE_PORT_H

#include <pyjsua_api.h>

int pyj_native_port_add(const pyjsua_port_ops *ops, void *user, pyjsua_slot *out);
int pyj_native_port_remove(const pyjsua_slot *port);
int pyj_native_port_alive(const pyjsua_slot *port);
/* All that are still in the bridge, for destroy. */
void pyj_native_ports_remove(void);

/* Marks this thread as within a callback of another module. */
void pyj_foreign_begin(void);
void pyj_foreign_end(void);

#endif
