/* Who else sees each message as it crosses the wire: C callbacks of other extension modules.
 *
 * A fixed table of places, each with one word that says whether it is used, since when, and how many are in its callback:
 * the one that sends a message takes no lock, and who removes an observer waits for nobody. */
#ifndef PYJ_OBSERVER_H
#define PYJ_OBSERVER_H

#include <pyjsua_api.h>

#include "emit.h"

int pyj_observer_add(void (*callback)(void *user, const pyjsua_message *message), void (*on_removed)(void *user),
                     void *user, uint64_t *observer);
int pyj_observer_remove(uint64_t observer);

int pyj_observers_any(void);
void pyj_observers_tell(const pyj_message *message, const pyj_about *about);

#endif
