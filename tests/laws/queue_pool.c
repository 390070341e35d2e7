/* After a storm of producers every node of the pool is back in it. The queue is included, not linked, since
 * nothing of its interface counts free nodes. */
#include "queue.c"

#include <stdio.h>

enum { PRODUCERS = 8, EACH = 300000 };

struct pyj_message {
    char nothing;
};

void pyj_message_release(pyj_message *message)
{
    (void)message;
}

static void *produce(void *nothing)
{
    (void)nothing;
    for (int i = 0; i < EACH; i++) {
        pyj_record *record;

        while (!(record = pyj_record_new(1, 16, 0, 1)))
            sched_yield();
        pyj_queue_push(record);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[PRODUCERS];
    int nodes, logged = 0;

    pyj_queue_init();
    for (int i = 0; i < PRODUCERS; i++)
        pthread_create(&threads[i], NULL, produce, NULL);
    for (int left = PRODUCERS * EACH; left;) {
        pyj_record *record = pyj_queue_pop();

        if (!record) {
            sched_yield();
            continue;
        }
        pyj_record_free(record);
        left--;
    }
    for (int i = 0; i < PRODUCERS; i++)
        pthread_join(threads[i], NULL);
    /* Log records leave the last nodes to media threads. */
    pyj_queue_set_cap(2 * NODE_COUNT);
    while (pyj_record_new(1, 16, PYJ_DROPPABLE, 1))
        logged++;
    if (logged != NODE_COUNT - NODE_RESERVE || !pyj_record_new(1, 16, 0, 1)) {
        printf("%d log records, and none for a digit", logged);
        return 1;
    }
    nodes = logged + 1;
    while (pool_get())
        nodes++;
    printf("%d of %d nodes", nodes, NODE_COUNT);
    return nodes != NODE_COUNT;
}
