/* That a REGISTER was begun is told before how it ended. */
#ifndef PYJ_REG_STARTED_H
#define PYJ_REG_STARTED_H

#include <pjsua-lib/pjsua.h>

/* For on_reg_started2: whether it is still to be told. */
int pyj_reg_started(pjsua_acc_id id);

/* For on_reg_state2: whether what ended is a REGISTER of whose begin nothing was told yet. Tell it then. */
int pyj_reg_ended(pjsua_acc_id id, int is_unreg);

#endif
