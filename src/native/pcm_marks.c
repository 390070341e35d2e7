#include "pcm_marks.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "emit.h"
#include "queue.h"

int pyj_marks_try(pyj_marks *marks)
{
    return !atomic_flag_test_and_set(&marks->busy);
}

void pyj_marks_lock(pyj_marks *marks)
{
    while (!pyj_marks_try(marks))
        sched_yield();
}

void pyj_marks_unlock(pyj_marks *marks)
{
    atomic_flag_clear(&marks->busy);
}

static pyj_mark *cell(const pyj_marks *marks, uint64_t at)
{
    return &marks->cells[at % PYJ_MARK_COUNT];
}

static void forget_unkept(pyj_marks *marks)
{
    while (marks->collected < marks->told && !cell(marks, marks->collected)->keep)
        marks->collected++;
}

int64_t pyj_marks_put(pyj_marks *marks, uint64_t place, const char *name, size_t name_size, int keep)
{
    pyj_mark *mark;

    if (!marks->cells)
        marks->cells = calloc(PYJ_MARK_COUNT, sizeof(*marks->cells));
    if (!marks->cells)
        return -1;
    forget_unkept(marks);
    if (marks->put - marks->collected == PYJ_MARK_COUNT)
        return 0;
    mark = cell(marks, marks->put);
    mark->place = place;
    mark->number = marks->put + 1;
    mark->keep = keep;
    mark->name_size = (unsigned)name_size;
    memcpy(mark->name, name, name_size);
    marks->put++;
    atomic_fetch_add(&marks->waiting, 1);
    return (int64_t)mark->number;
}

unsigned pyj_marks_tell(pyj_marks *marks, uint64_t up_to, pyj_mark_outcome outcome, pyj_serial_id port, unsigned rate,
                        uint64_t played, uint64_t taken)
{
    unsigned kept = 0;

    for (; marks->told < marks->put && cell(marks, marks->told)->place <= up_to; marks->told++) {
        pyj_mark *mark = cell(marks, marks->told);
        uint64_t beyond = outcome == PYJ_MARK_PLAYED ? taken - mark->place : 0;
        pyj_on_pcm_mark out = {.port = port, .name = {mark->name, mark->name_size}, .outcome = outcome};

        mark->outcome = outcome;
        mark->played_ms = (double)(played > beyond ? played - beyond : 0) * 1000 / rate;
        mark->time_ns = pyj_now_ns();
        out.played_ms = mark->played_ms;
        kept += mark->keep != 0;
        atomic_fetch_add(&marks->kept, mark->keep != 0);
        atomic_fetch_sub(&marks->waiting, 1);
        pyj_emit(PYJ_OnPcmMark, &out, NULL, PYJ_EMIT_REALTIME);
    }
    forget_unkept(marks);
    return kept;
}

int pyj_marks_collect(pyj_marks *marks, pyj_mark *out)
{
    forget_unkept(marks);
    if (marks->collected == marks->told)
        return 0;
    *out = *cell(marks, marks->collected++);
    atomic_fetch_sub(&marks->kept, 1);
    return 1;
}
