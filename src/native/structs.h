/* Where each field of a struct lies, for the code that copies structs in and out of Python. */
#ifndef PYJ_STRUCTS_H
#define PYJ_STRUCTS_H

#include <stddef.h>
#include <stdint.h>

#include <pjsua-lib/pjsua.h>

/* The C type of a field. */
enum pyj_ctype {
    PYJ_C_INT,
    PYJ_C_UINT,
    PYJ_C_UINT8,
    PYJ_C_UINT16,
    PYJ_C_INT16,
    PYJ_C_LONG,
    PYJ_C_ULONG,
    PYJ_C_FLOAT,
    PYJ_C_DOUBLE,
    PYJ_C_CHARS,    /* char[n] */
    PYJ_C_PJSTR,
    PYJ_C_TIME,     /* pj_time_val: seconds */
    PYJ_C_SOCKADDR, /* pj_sockaddr: "192.0.2.1:5060" */
    PYJ_C_HEADERS,  /* pjsip_hdr: the head of a list */
    PYJ_C_CSTR,     /* const char *, NULL for an empty text */
    PYJ_C_SERIAL_ID, /* pyj_serial_id */
    PYJ_C_PAIRS,    /* pyj_pairs */
    PYJ_C_MEDIA_TYPE, /* pjsip_media_type: "text/plain;charset=utf-8" */
    PYJ_C_PARTS,    /* pjsip_multipart_part: the head of a list of pyj_part */
    PYJ_C_BYTE,     /* of a block of bytes behind a pointer */
    PYJ_C_STRUCT,
};

/* How Python shows it. */
enum pyj_as {
    PYJ_AS_PLAIN,
    PYJ_AS_BOOL,    /* arg: 1, or more where C has more than yes and no */
    PYJ_AS_ENUM,    /* arg: index into pyj_enum_names */
    PYJ_AS_ID,      /* arg: index into pyj_id_names */
    PYJ_AS_STRUCT,  /* arg: index into pyj_structs */
    PYJ_AS_HEADERS,
    PYJ_AS_XML,     /* text that C puts into XML, or took out of it, as it is */
    PYJ_AS_OBJECT,  /* an unsigned long that stands for an object Python keeps */
    PYJ_AS_BYTES,
    /* From the record's header, not the struct: */
    PYJ_AS_SEQ,
    PYJ_AS_MONOTONIC,
    PYJ_AS_CALL,
    PYJ_AS_ACC,
    PYJ_AS_MESSAGE,
};

/* An id whose serial was known when the event was made. */
typedef struct pyj_serial_id {
    int id;
    unsigned long serial;
} pyj_serial_id;

#define PYJ_NO_COUNT UINT32_MAX

typedef struct pyj_field {
    const char *name;
    uint8_t ctype;
    uint8_t as;
    int16_t arg;
    uint32_t offset;
    uint32_t size;         /* of one element */
    uint32_t count_offset; /* of the unsigned that counts an array, PYJ_NO_COUNT for one C does not count */
    uint32_t capacity;     /* elements there is room for */
    uint8_t pointed;       /* the struct holds a pointer to the elements */
} pyj_field;

typedef struct pyj_struct {
    const char *name;   /* of the Python class */
    const char *c_name;
    uint32_t size;
    uint32_t field_count;
    const pyj_field *fields;
} pyj_struct;

extern const pyj_struct pyj_structs[];
extern const char *const pyj_enum_names[];
extern const char *const pyj_id_names[];

/* A part of a multipart body with what it points at; MultipartPart is laid over it. */
typedef struct pyj_part {
    pjsip_multipart_part part;
    pjsip_msg_body body;
    pj_str_t data;
} pyj_part;

/* An element of pj_sockopt_params.options, whose type has no name. */
typedef struct pyj_sockopt {
    int level;
    int optname;
    void *optval;
    int optlen;
} pyj_sockopt;

void pyj_part_init(pyj_part *part);
/* Ties together what was filled in. */
void pyj_part_finish(pyj_part *part);

/* "192.0.2.1", "192.0.2.1:5060", "[::1]:5060"; PJ_EINVAL for anything else, host names too. */
pj_status_t pyj_sockaddr_parse(const pj_str_t *text, pj_sockaddr *out);

/* Memory with these bytes that stays until the process ends, the same for the same bytes; NULL if there is none.
 * For values of socket options: an account's rtp_cfg keeps the pointer it was given. */
void *pyj_intern(const void *data, size_t size);

typedef struct pyj_constant {
    const char *name;
    long value;
} pyj_constant;

extern const pyj_constant pyj_constants[];
extern const unsigned pyj_constant_count;

/* A struct packed into one block: its own bytes up to the last field named, then its lists, and its
 * strings, which the copy's pj_str_t point at. No lock is needed to read it. Parts of a body are left out. */
size_t pyj_pack_size(const pyj_struct *shape, const void *value);
void pyj_pack(const pyj_struct *shape, const void *value, void *block);
/* The same into memory of its own, NULL if there is none; freed with free(). */
void *pyj_pack_new(const pyj_struct *shape, const void *value);

#endif
