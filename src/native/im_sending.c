#include "im_sending.h"

#include <pthread.h>

#include "queue.h"

/* A leaf: nothing is called under it. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pyj_im_sending *sending;

void pyj_im_begin(pyj_im_sending *one, unsigned long number)
{
    one->number = number;
    one->told = NULL;
    pthread_mutex_lock(&mutex);
    one->next = sending;
    sending = one;
    pthread_mutex_unlock(&mutex);
}

void pyj_im_end(pyj_im_sending *one, pj_status_t status)
{
    pyj_im_sending **at = &sending;

    pthread_mutex_lock(&mutex);
    while (*at != one)
        at = &(*at)->next;
    *at = one->next;
    pthread_mutex_unlock(&mutex);
    if (!one->told)
        return;
    if (status == PJ_SUCCESS)
        pyj_queue_push(one->told);
    else
        pyj_record_free(one->told);
}

void pyj_im_told(unsigned long number, pyj_record *record)
{
    pyj_im_sending *one;

    if (!record)
        return;
    pthread_mutex_lock(&mutex);
    for (one = sending; one && (one->number != number || one->told); one = one->next)
        ;
    if (one)
        one->told = record;
    pthread_mutex_unlock(&mutex);
    if (!one)
        pyj_queue_push(record);
}
