/* How late the ticks of a clock come, as a histogram with eight steps to the octave: one thread ticks, any may ask. */
#ifndef PYJ_LATENESS_H
#define PYJ_LATENESS_H

#include <stdatomic.h>
#include <stdint.h>

enum { PYJ_LATENESS_STEPS = 8, PYJ_LATENESS_COUNT = 21 * PYJ_LATENESS_STEPS };

typedef struct pyj_lateness {
    uint64_t last_ns; /* the clock's own */
    _Atomic uint64_t worst_us;
    _Atomic uint32_t ticks[PYJ_LATENESS_COUNT];
} pyj_lateness;

static inline unsigned pyj_lateness_step(uint64_t us)
{
    unsigned octave, step;

    if (us < PYJ_LATENESS_STEPS)
        return (unsigned)us;
    octave = 63u - (unsigned)__builtin_clzll(us) - 3u;
    step = PYJ_LATENESS_STEPS * (octave + 1) + (unsigned)((us >> octave) & (PYJ_LATENESS_STEPS - 1));
    return step < PYJ_LATENESS_COUNT ? step : PYJ_LATENESS_COUNT - 1;
}

/* The shortest lateness of a step, and of the one after it. */
static inline double pyj_lateness_from(unsigned step)
{
    unsigned octave = step / PYJ_LATENESS_STEPS;

    if (!octave)
        return step;
    return (double)((uint64_t)(PYJ_LATENESS_STEPS + step % PYJ_LATENESS_STEPS) << (octave - 1));
}

/* A tick that should come `period_ns` after the last. */
static inline void pyj_lateness_tick(pyj_lateness *lateness, uint64_t now_ns, uint64_t period_ns)
{
    uint64_t last = lateness->last_ns, late;

    lateness->last_ns = now_ns;
    if (!last)
        return;
    late = now_ns - last > period_ns ? (now_ns - last - period_ns) / 1000 : 0;
    atomic_fetch_add_explicit(&lateness->ticks[pyj_lateness_step(late)], 1, memory_order_relaxed);
    if (late > atomic_load_explicit(&lateness->worst_us, memory_order_relaxed))
        atomic_store_explicit(&lateness->worst_us, late, memory_order_relaxed);
}

/* What this share of the ticks was not later than, ms. */
static inline double pyj_lateness_share_ms(const pyj_lateness *lateness, double share)
{
    uint64_t all = 0, seen = 0;

    for (unsigned i = 0; i < PYJ_LATENESS_COUNT; i++)
        all += atomic_load_explicit(&lateness->ticks[i], memory_order_relaxed);
    for (unsigned i = 0; i < PYJ_LATENESS_COUNT; i++) {
        uint64_t here = atomic_load_explicit(&lateness->ticks[i], memory_order_relaxed);

        if (here && (double)(seen + here) >= share * (double)all) {
            double part = (share * (double)all - (double)seen) / (double)here;

            return (pyj_lateness_from(i) + part * (pyj_lateness_from(i + 1) - pyj_lateness_from(i))) / 1000;
        }
        seen += here;
    }
    return 0;
}

#endif
