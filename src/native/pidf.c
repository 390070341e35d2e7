#include "pidf.h"

#include <pjlib-util.h>
#include <pjsua-lib/pjsua.h>
#include <pjsua-lib/pjsua_internal.h>

static const pj_str_t APPLICATION = {"application", 11};
static const pj_str_t PIDF = {"pidf+xml", 8};
static const pj_str_t MULTIPART = {"multipart", 9};
static const pj_str_t TUPLE = {"tuple", 5};
static const pj_str_t ID = {"id", 2};

static const pjsip_msg_body *pidf_body(const pjsip_msg_body *body)
{
    pjsip_media_type type;
    pjsip_multipart_part *part;

    if (pj_stricmp(&body->content_type.type, &MULTIPART) != 0)
        return pj_stricmp(&body->content_type.type, &APPLICATION) == 0
                       && pj_stricmp(&body->content_type.subtype, &PIDF) == 0
                   ? body
                   : NULL;
    pjsip_media_type_init(&type, (pj_str_t *)&APPLICATION, (pj_str_t *)&PIDF);
    part = pjsip_multipart_find_part(body, &type, NULL);
    return part ? part->body : NULL;
}

static pj_bool_t has_nameless_tuple(pj_pool_t *pool, const pjsip_msg_body *body)
{
    pj_xml_node *root = pj_xml_parse(pool, body->data, body->len);
    pj_xml_node *tuple;

    if (!root)
        return PJ_FALSE;
    for (tuple = pj_xml_find_node(root, &TUPLE); tuple; tuple = pj_xml_find_next_node(root, tuple, &TUPLE))
        if (!pj_xml_find_attr(tuple, &ID, NULL))
            return PJ_TRUE;
    return PJ_FALSE;
}

static pj_bool_t on_rx_request(pjsip_rx_data *rdata)
{
    static const pj_str_t reason = {"PIDF tuple without id", 21};
    const pjsip_msg *msg = rdata->msg_info.msg;
    const pjsip_msg_body *body;

    if (!msg->body || pjsip_method_cmp(&msg->line.req.method, pjsip_get_notify_method()) != 0)
        return PJ_FALSE;
    body = pidf_body(msg->body);
    if (!body || !body->data || !body->len || !has_nameless_tuple(rdata->tp_info.pool, body))
        return PJ_FALSE;
    pjsip_endpt_respond_stateless(pjsua_var.endpt, rdata, PJSIP_SC_BAD_REQUEST, &reason, NULL, NULL);
    return PJ_TRUE;
}

static pjsip_module module = {
    .name = {"pyjsua-pidf", 11},
    .id = -1,
    .priority = PJSIP_MOD_PRIORITY_TSX_LAYER - 1,
    .on_rx_request = on_rx_request,
};

pj_status_t pyj_pidf_register(pjsip_endpoint *endpt)
{
    module.id = -1;
    module.prev = module.next = NULL;
    return pjsip_endpt_register_module(endpt, &module);
}
