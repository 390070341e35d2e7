#include "structs.h"

#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "events.h"
#include "events_presence.h"
#include "gate.h"
#include "media_info.h"
#include "tables.h"

#define PYJ_CTYPE(expr)                       \
    _Generic((expr),                          \
        int: PYJ_C_INT,                       \
        unsigned: PYJ_C_UINT,                 \
        unsigned char: PYJ_C_UINT8,           \
        unsigned short: PYJ_C_UINT16,         \
        long: PYJ_C_LONG,                     \
        unsigned long: PYJ_C_ULONG,           \
        float: PYJ_C_FLOAT,                   \
        double: PYJ_C_DOUBLE,                 \
        char *: PYJ_C_CHARS,                  \
        pj_str_t: PYJ_C_PJSTR,                \
        pj_time_val: PYJ_C_TIME,              \
        pj_sockaddr: PYJ_C_SOCKADDR,          \
        pjsip_hdr: PYJ_C_HEADERS,             \
        const char *: PYJ_C_CSTR,             \
        pyj_serial_id: PYJ_C_SERIAL_ID,       \
        pyj_pairs: PYJ_C_PAIRS,               \
        default: PYJ_C_STRUCT)

#define PYJ_SIZE(type, path) ((uint32_t)sizeof(((type *)0)->path))

#define PYJ_FIELD(type, name, path, as, arg) \
    {name, PYJ_CTYPE(((type *)0)->path), as, arg, offsetof(type, path), PYJ_SIZE(type, path), PYJ_NO_COUNT, 1},

#define PYJ_ARRAY(type, name, path, count, as, arg)                                                      \
    {name, PYJ_CTYPE(((type *)0)->path[0]), as, arg, offsetof(type, path), PYJ_SIZE(type, path[0]),       \
     offsetof(type, count) + 0 * sizeof(char[PYJ_SIZE(type, count) == sizeof(unsigned) ? 1 : -1]),        \
     PYJ_SIZE(type, path) / PYJ_SIZE(type, path[0])},

#define PYJ_HEADER(name, as) {name, PYJ_C_INT, as, -1, 0, 0, PYJ_NO_COUNT, 1},

#include "tables.inc"

static uint32_t elements(const pyj_field *field, const char *base)
{
    uint32_t count;

    if (field->count_offset == PYJ_NO_COUNT)
        return 1;
    memcpy(&count, base + field->count_offset, sizeof(count));
    return count < field->capacity ? count : field->capacity;
}

/* Bytes up to the end of the last field named: what lies behind (pjsua's text buffers) is not copied. */
static size_t prefix(const pyj_struct *shape)
{
    size_t end = 1;

    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        size_t field_end = field->offset + (size_t)field->size * field->capacity;

        if (field_end > end)
            end = field_end;
        if (field->count_offset != PYJ_NO_COUNT && field->count_offset + sizeof(unsigned) > end)
            end = field->count_offset + sizeof(unsigned);
    }
    return end;
}

static int has_text(const pyj_field *field)
{
    return field->ctype == PYJ_C_PJSTR || field->ctype == PYJ_C_STRUCT || field->ctype == PYJ_C_CSTR
           || field->ctype == PYJ_C_PAIRS;
}

static size_t pairs_text_size(const pyj_pairs *pairs)
{
    size_t total = 0;

    for (unsigned i = 0; i < pairs->count; i++)
        total += (size_t)PJ_MAX(pairs->pair[i].name.slen, 0) + (size_t)PJ_MAX(pairs->pair[i].value.slen, 0);
    return total;
}

static char *move_text(pj_str_t *text, char *tail)
{
    if (text->slen > 0) {
        memcpy(tail, text->ptr, (size_t)text->slen);
        text->ptr = tail;
        return tail + text->slen;
    }
    text->ptr = NULL;
    text->slen = 0;
    return tail;
}

static size_t text_size(const pyj_struct *shape, const char *base)
{
    size_t total = 0;

    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        uint32_t count;

        if (!has_text(field))
            continue;
        count = elements(field, base);
        for (uint32_t n = 0; n < count; n++) {
            const char *at = base + field->offset + (size_t)n * field->size;

            if (field->ctype == PYJ_C_STRUCT) {
                total += text_size(&pyj_structs[field->arg], at);
            } else if (field->ctype == PYJ_C_CSTR) {
                const char *text = *(const char *const *)at;

                total += text ? strlen(text) + 1 : 0;
            } else if (field->ctype == PYJ_C_PAIRS) {
                total += pairs_text_size((const pyj_pairs *)at);
            } else {
                const pj_str_t *text = (const pj_str_t *)at;

                if (text->slen > 0)
                    total += (size_t)text->slen;
            }
        }
    }
    return total;
}

/* Moves the texts of a struct already copied bytewise to `tail`, and returns where the next goes. */
static char *move_texts(const pyj_struct *shape, char *base, char *tail)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        uint32_t count;

        if (!has_text(field))
            continue;
        count = elements(field, base);
        for (uint32_t n = 0; n < count; n++) {
            char *at = base + field->offset + (size_t)n * field->size;

            if (field->ctype == PYJ_C_STRUCT) {
                tail = move_texts(&pyj_structs[field->arg], at, tail);
            } else if (field->ctype == PYJ_C_CSTR) {
                const char **text = (const char **)at;

                if (*text) {
                    size_t length = strlen(*text) + 1;

                    memcpy(tail, *text, length);
                    *text = tail;
                    tail += length;
                }
            } else if (field->ctype == PYJ_C_PAIRS) {
                pyj_pairs *pairs = (pyj_pairs *)at;

                for (unsigned p = 0; p < pairs->count; p++) {
                    tail = move_text(&pairs->pair[p].name, tail);
                    tail = move_text(&pairs->pair[p].value, tail);
                }
            } else {
                tail = move_text((pj_str_t *)at, tail);
            }
        }
    }
    return tail;
}

size_t pyj_pack_size(const pyj_struct *shape, const void *value)
{
    return prefix(shape) + text_size(shape, value);
}

void pyj_pack(const pyj_struct *shape, const void *value, void *block)
{
    size_t head = prefix(shape);

    memcpy(block, value, head);
    move_texts(shape, block, (char *)block + head);
}

void *pyj_pack_new(const pyj_struct *shape, const void *value)
{
    void *block = malloc(pyj_pack_size(shape, value));

    if (block)
        pyj_pack(shape, value, block);
    return block;
}
