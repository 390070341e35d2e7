/* The table other extension modules call (pyjsua_api.h). */
#ifndef PYJ_API_H
#define PYJ_API_H

#include <pyjsua_api.h>

/* Filled but for `conf_port`, which is the module's own. */
extern pyjsua_api pyj_api;

#endif
