#include "pcm_speech.h"

#include "emit.h"
#include "events_pcm.h"

void pyj_speech_set(pyj_speech *speech, unsigned level, uint64_t begin, uint64_t end)
{
    atomic_store(&speech->begin, begin);
    atomic_store(&speech->end, end);
    atomic_store(&speech->level, level);
    atomic_fetch_add(&speech->settings, 1);
}

uint64_t pyj_speech_edges(const pyj_speech *speech)
{
    uint64_t edges = atomic_load(&speech->edges);

    /* Nobody looks any more, and the clock may not have come to know. */
    return edges + (edges % 2 && !atomic_load(&speech->level));
}

static void tell_edge(pyj_speech *speech, uint64_t place, pyj_serial_id port, unsigned rate)
{
    pyj_on_pcm_speech out = {.port = port, .heard_ms = (double)place * 1000 / rate};

    atomic_store(&speech->place, place);
    out.speaking = (int)((atomic_fetch_add(&speech->edges, 1) + 1) % 2);
    if (pyj_wanted(PYJ_OnPcmSpeech))
        pyj_emit(PYJ_OnPcmSpeech, &out, NULL, PYJ_EMIT_REALTIME);
}

static int begins(pyj_speech *speech, int is_loud, uint64_t place, size_t count)
{
    if (is_loud) {
        if (!speech->loud)
            speech->loud_from = place;
        speech->loud += count;
        return speech->loud >= atomic_load(&speech->begin);
    }
    /* Speech has dips, and a click is followed by nothing. */
    speech->loud -= speech->loud < count ? speech->loud : count;
    return 0;
}

static int ends(pyj_speech *speech, int is_loud, uint64_t place, size_t count)
{
    if (is_loud) {
        speech->quiet = 0;
        return 0;
    }
    if (!speech->quiet)
        speech->quiet_from = place;
    speech->quiet += count;
    return speech->quiet >= atomic_load(&speech->end);
}

int pyj_speech_heard(pyj_speech *speech, unsigned rms, uint64_t place, size_t count, pyj_serial_id port, unsigned rate)
{
    unsigned settings = atomic_load(&speech->settings), level;
    int speaking, is_loud;

    if (settings != speech->seen_settings) {
        speech->seen_settings = settings;
        speech->loud = speech->quiet = 0;
    }
    level = atomic_load(&speech->level);
    speaking = atomic_load(&speech->edges) % 2;
    if (!level) {
        if (speaking)
            atomic_fetch_add(&speech->edges, 1);
        return 0;
    }
    is_loud = rms >= level;
    if (speaking ? !ends(speech, is_loud, place, count) : !begins(speech, is_loud, place, count))
        return 0;
    tell_edge(speech, speaking ? speech->quiet_from : speech->loud_from, port, rate);
    speech->loud = speech->quiet = 0;
    return 1;
}
