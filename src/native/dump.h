/* What pjsua_dump says, as text. */
#ifndef PYJ_DUMP_H
#define PYJ_DUMP_H

#include <pj/types.h>

/* In memory of its own, NULL if there is none; freed with free(). */
char *pyj_dump(pj_bool_t detail);

#endif
