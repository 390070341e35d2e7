/* In place of src/native/message.h: the queue keeps messages without looking at them. */
#ifndef PYJ_MESSAGE_H
#define PYJ_MESSAGE_H

typedef struct pyj_message pyj_message;

void pyj_message_release(pyj_message *message);

#endif
