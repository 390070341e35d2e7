/* MESSAGEs that are being sent. PJSIP tells that one failed by its callback, in whatever thread, and returns the error
 * as well: who sends is told once. */
#ifndef PYJ_IM_SENDING_H
#define PYJ_IM_SENDING_H

#include <pjsua-lib/pjsua.h>

#include "record.h"

typedef struct pyj_im_sending {
    struct pyj_im_sending *next;
    unsigned long number; /* PJSIP's user_data; no two messages have the same */
    pyj_record *told;
} pyj_im_sending;

/* Around the call that sends: what is told meanwhile is pushed if that succeeds, and dropped if it raises. */
void pyj_im_begin(pyj_im_sending *one, unsigned long number);
void pyj_im_end(pyj_im_sending *one, pj_status_t status);

/* For on_pager_status2: pushes the record, or leaves it to who is sending; it may be NULL. */
void pyj_im_told(unsigned long number, pyj_record *record);

#endif
