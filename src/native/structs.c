#include "structs.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

#include "decisions.h"
#include "events.h"
#include "events_notifier.h"
#include "events_presence.h"
#include "gate.h"
#include "media_info.h"
#include "overload.h"
#include "tables.h"

#define PYJ_CTYPE(expr)                       \
    _Generic((expr),                          \
        int: PYJ_C_INT,                       \
        unsigned: PYJ_C_UINT,                 \
        unsigned char: PYJ_C_UINT8,           \
        unsigned short: PYJ_C_UINT16,         \
        short: PYJ_C_INT16,                   \
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
        pjsip_media_type: PYJ_C_MEDIA_TYPE,   \
        pjsip_multipart_part: PYJ_C_PARTS,    \
        default: PYJ_C_STRUCT)

#define PYJ_SIZE(type, path) ((uint32_t)sizeof(((type *)0)->path))

#define PYJ_COUNT(type, count) \
    (offsetof(type, count) + 0 * sizeof(char[PYJ_SIZE(type, count) == sizeof(unsigned) ? 1 : -1]))

#define PYJ_FIELD(type, name, path, as, arg) \
    {name, PYJ_CTYPE(((type *)0)->path), as, arg, offsetof(type, path), PYJ_SIZE(type, path), PYJ_NO_COUNT, 1, 0},

#define PYJ_ARRAY(type, name, path, count, as, arg)                                                    \
    {name, PYJ_CTYPE(((type *)0)->path[0]), as, arg, offsetof(type, path), PYJ_SIZE(type, path[0]),     \
     PYJ_COUNT(type, count), PYJ_SIZE(type, path) / PYJ_SIZE(type, path[0]), 0},

/* An array C does not count. */
#define PYJ_FIXED(type, name, path, as, arg)                                                       \
    {name, PYJ_CTYPE(((type *)0)->path[0]), as, arg, offsetof(type, path), PYJ_SIZE(type, path[0]), \
     PYJ_NO_COUNT, PYJ_SIZE(type, path) / PYJ_SIZE(type, path[0]), 0},

/* A pointer to an array, and to bytes. */
#define PYJ_POINTED(type, name, path, count, capacity, as, arg)                                    \
    {name, PYJ_CTYPE(((type *)0)->path[0]), as, arg, offsetof(type, path), PYJ_SIZE(type, path[0]), \
     PYJ_COUNT(type, count), capacity, 1},
#define PYJ_BLOB(type, name, path, count, capacity) \
    {name, PYJ_C_BYTE, PYJ_AS_BYTES, -1, offsetof(type, path), 1, PYJ_COUNT(type, count), capacity, 1},

#define PYJ_HEADER(name, as) {name, PYJ_C_INT, as, -1, 0, 0, PYJ_NO_COUNT, 1, 0},

#include "tables.inc"

#define SAME_PLACE(field) \
    (offsetof(pyj_sockopt, field) == offsetof(pj_sockopt_params, options[0].field) - \
                                         offsetof(pj_sockopt_params, options[0]))
_Static_assert(sizeof(pyj_sockopt) == sizeof(((pj_sockopt_params *)0)->options[0]) && SAME_PLACE(level) &&
                   SAME_PLACE(optname) && SAME_PLACE(optval) && SAME_PLACE(optlen),
               "pyj_sockopt is the struct without a name");

static uint32_t elements(const pyj_field *field, const char *base)
{
    uint32_t count;

    if (field->count_offset == PYJ_NO_COUNT)
        return field->capacity;
    memcpy(&count, base + field->count_offset, sizeof(count));
    return count < field->capacity ? count : field->capacity;
}

/* Bytes up to the end of the last field named: what lies behind (pjsua's text buffers) is not copied. */
static size_t prefix(const pyj_struct *shape)
{
    size_t end = 1;

    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        size_t extent = field->pointed ? sizeof(void *) : (size_t)field->size * field->capacity;

        if (field->offset + extent > end)
            end = field->offset + extent;
        if (field->count_offset != PYJ_NO_COUNT && field->count_offset + sizeof(unsigned) > end)
            end = field->count_offset + sizeof(unsigned);
    }
    return end;
}

/* What a packed struct has behind its own bytes: nodes, which are aligned, and then texts. */
#define ALIGNED(size) (((size) + 15) & ~(size_t)15)

typedef struct tail_size {
    size_t nodes;
    size_t texts;
} tail_size;

typedef struct tail {
    char *node;
    char *text;
} tail;

/* The headers of a list; only those of our own making, which are all pjsip_generic_string_hdr. */
static const pjsip_generic_string_hdr *next_header(const pjsip_hdr *head, const pjsip_hdr *at)
{
    const pjsip_hdr *next = at->next;

    while (next && next != head && next->type != PJSIP_H_OTHER)
        next = next->next;
    return next && next != head ? (const pjsip_generic_string_hdr *)next : NULL;
}

static size_t text_len(const pj_str_t *text)
{
    return text->slen > 0 ? (size_t)text->slen : 0;
}

static int has_tail(const pyj_field *field)
{
    switch (field->ctype) {
    case PYJ_C_PJSTR:
    case PYJ_C_CSTR:
    case PYJ_C_STRUCT:
    case PYJ_C_HEADERS:
    case PYJ_C_PAIRS:
        return 1;
    default:
        return 0;
    }
}

static void measure(const pyj_struct *shape, const char *base, tail_size *size)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        const char *at = base + field->offset;
        uint32_t count;

        if (field->pointed) {
            size->nodes += ALIGNED((size_t)field->size * elements(field, base));
            continue;
        }
        if (!has_tail(field))
            continue;
        count = elements(field, base);
        for (uint32_t n = 0; n < count; n++, at += field->size) {
            if (field->ctype == PYJ_C_STRUCT) {
                measure(&pyj_structs[field->arg], at, size);
            } else if (field->ctype == PYJ_C_PJSTR) {
                size->texts += text_len((const pj_str_t *)at);
            } else if (field->ctype == PYJ_C_CSTR) {
                const char *text = *(const char *const *)at;

                size->texts += text ? strlen(text) + 1 : 0;
            } else if (field->ctype == PYJ_C_PAIRS) {
                const pyj_pairs *pairs = (const pyj_pairs *)at;

                for (unsigned p = 0; p < pairs->count; p++)
                    size->texts += text_len(&pairs->pair[p].name) + text_len(&pairs->pair[p].value);
            } else {
                const pjsip_hdr *head = (const pjsip_hdr *)at;
                const pjsip_generic_string_hdr *hdr;

                for (hdr = next_header(head, head); hdr; hdr = next_header(head, (const pjsip_hdr *)hdr)) {
                    size->nodes += ALIGNED(sizeof(*hdr));
                    size->texts += text_len(&hdr->name) + text_len(&hdr->hvalue);
                }
            }
        }
    }
}

static void move_text(pj_str_t *text, tail *tail)
{
    if (text->slen > 0) {
        memcpy(tail->text, text->ptr, (size_t)text->slen);
        text->ptr = tail->text;
        tail->text += text->slen;
    } else {
        text->ptr = NULL;
        text->slen = 0;
    }
}

static void move_chars(const char **text, tail *tail)
{
    size_t size;

    if (!*text)
        return;
    size = strlen(*text) + 1;
    memcpy(tail->text, *text, size);
    *text = tail->text;
    tail->text += size;
}

static void move_pairs(pyj_pairs *pairs, tail *tail)
{
    for (unsigned i = 0; i < pairs->count; i++) {
        move_text(&pairs->pair[i].name, tail);
        move_text(&pairs->pair[i].value, tail);
    }
}

static void move_headers(const pjsip_hdr *from, pjsip_hdr *to, tail *tail)
{
    const pjsip_generic_string_hdr *hdr;

    pj_list_init(to);
    for (hdr = next_header(from, from); hdr; hdr = next_header(from, (const pjsip_hdr *)hdr)) {
        pjsip_generic_string_hdr *copy = (pjsip_generic_string_hdr *)tail->node;

        tail->node += ALIGNED(sizeof(*hdr));
        *copy = *hdr;
        move_text(&copy->name, tail);
        copy->sname = copy->name;
        move_text(&copy->hvalue, tail);
        pj_list_push_back(to, copy);
    }
}

/* Moves what `to`, a bytewise copy of `from`, points at into the tail. */
static void move(const pyj_struct *shape, const char *from, char *to, tail *tail)
{
    for (uint32_t i = 0; i < shape->field_count; i++) {
        const pyj_field *field = &shape->fields[i];
        const char *source = from + field->offset;
        char *at = to + field->offset;
        uint32_t count;

        if (field->pointed) {
            size_t size = (size_t)field->size * elements(field, from);

            if (size)
                memcpy(tail->node, *(void *const *)source, size);
            *(void **)at = size ? tail->node : NULL;
            tail->node += ALIGNED(size);
            continue;
        }
        if (field->ctype == PYJ_C_PARTS)
            pj_list_init(at);
        else if (field->ctype == PYJ_C_MEDIA_TYPE)
            pjsip_media_type_init((pjsip_media_type *)at, NULL, NULL);
        if (!has_tail(field))
            continue;
        count = elements(field, from);
        for (uint32_t n = 0; n < count; n++, source += field->size, at += field->size) {
            if (field->ctype == PYJ_C_STRUCT)
                move(&pyj_structs[field->arg], source, at, tail);
            else if (field->ctype == PYJ_C_PJSTR)
                move_text((pj_str_t *)at, tail);
            else if (field->ctype == PYJ_C_CSTR)
                move_chars((const char **)at, tail);
            else if (field->ctype == PYJ_C_PAIRS)
                move_pairs((pyj_pairs *)at, tail);
            else
                move_headers((const pjsip_hdr *)source, (pjsip_hdr *)at, tail);
        }
    }
}

size_t pyj_pack_size(const pyj_struct *shape, const void *value)
{
    tail_size size = {0, 0};

    measure(shape, value, &size);
    return ALIGNED(prefix(shape)) + size.nodes + size.texts;
}

void pyj_pack(const pyj_struct *shape, const void *value, void *block)
{
    size_t head = prefix(shape);
    tail_size size = {0, 0};
    tail tail;

    measure(shape, value, &size);
    tail.node = (char *)block + ALIGNED(head);
    tail.text = tail.node + size.nodes;
    memcpy(block, value, head);
    move(shape, value, block, &tail);
}

void *pyj_pack_new(const pyj_struct *shape, const void *value)
{
    void *block = malloc(pyj_pack_size(shape, value));

    if (block)
        pyj_pack(shape, value, block);
    return block;
}

void pyj_part_init(pyj_part *part)
{
    memset(part, 0, sizeof(*part));
    pj_list_init(&part->part);
    pj_list_init(&part->part.hdr);
    pjsip_media_type_init(&part->body.content_type, NULL, NULL);
}

void pyj_part_finish(pyj_part *part)
{
    part->part.body = &part->body;
    part->body.data = part->data.ptr;
    part->body.len = (unsigned)part->data.slen;
    part->body.print_body = &pjsip_print_text_body;
    part->body.clone_data = &pjsip_clone_text_data;
}

pj_status_t pyj_sockaddr_parse(const pj_str_t *text, pj_sockaddr *out)
{
    pj_str_t host;
    pj_uint16_t port;
    char digits[PJ_INET6_ADDRSTRLEN];
    int af;

    if (pj_sockaddr_parse2(pj_AF_UNSPEC(), 0, text, &host, &port, &af) != PJ_SUCCESS || host.slen <= 0 ||
        (size_t)host.slen >= sizeof(digits))
        return PJ_EINVAL;
    memcpy(digits, host.ptr, (size_t)host.slen);
    digits[host.slen] = '\0';
    host.ptr = digits;
    memset(out, 0, sizeof(*out));
    af = memchr(digits, ':', (size_t)host.slen) ? pj_AF_INET6() : pj_AF_INET();
    out->addr.sa_family = (pj_uint16_t)af;
    pj_sockaddr_set_port(out, port);
    return pj_inet_pton(af, &host, pj_sockaddr_get_addr(out));
}

typedef struct interned {
    struct interned *next;
    size_t size;
    char data[];
} interned;

static _Atomic(interned *) all_interned;

void *pyj_intern(const void *data, size_t size)
{
    interned *first = atomic_load(&all_interned);
    interned *made = NULL;

    for (;;) {
        for (interned *one = first; one; one = one->next) {
            if (one->size == size && memcmp(one->data, data, size) == 0) {
                free(made);
                return one->data;
            }
        }
        if (!made) {
            made = malloc(sizeof(*made) + size);
            if (!made)
                return NULL;
            made->size = size;
            memcpy(made->data, data, size);
        }
        made->next = first;
        if (atomic_compare_exchange_strong(&all_interned, &first, made))
            return made->data;
    }
}
