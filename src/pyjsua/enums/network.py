"""The network: changes of address, and TLS."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["IpChangeOp", "SslCertVerify"]


class IpChangeOp(OpenIntEnum):
    """Step of `handle_ip_change` (`pjsua_ip_change_op`)."""

    NULL = c("PJSUA_IP_CHANGE_OP_NULL")
    SHUTDOWN_TP = c("PJSUA_IP_CHANGE_OP_SHUTDOWN_TP")
    RESTART_LIS = c("PJSUA_IP_CHANGE_OP_RESTART_LIS")
    ACC_SHUTDOWN_TP = c("PJSUA_IP_CHANGE_OP_ACC_SHUTDOWN_TP")
    ACC_UPDATE_CONTACT = c("PJSUA_IP_CHANGE_OP_ACC_UPDATE_CONTACT")
    ACC_HANGUP_CALLS = c("PJSUA_IP_CHANGE_OP_ACC_HANGUP_CALLS")
    ACC_REINVITE_CALLS = c("PJSUA_IP_CHANGE_OP_ACC_REINVITE_CALLS")
    COMPLETED = c("PJSUA_IP_CHANGE_OP_COMPLETED")


class SslCertVerify(IntFlag):
    """What is wrong with a certificate (`pj_ssl_cert_verify_flag_t`)."""

    ISSUER_NOT_FOUND = c("PJ_SSL_CERT_EISSUER_NOT_FOUND")
    UNTRUSTED = c("PJ_SSL_CERT_EUNTRUSTED")
    VALIDITY_PERIOD = c("PJ_SSL_CERT_EVALIDITY_PERIOD")
    INVALID_FORMAT = c("PJ_SSL_CERT_EINVALID_FORMAT")
    INVALID_PURPOSE = c("PJ_SSL_CERT_EINVALID_PURPOSE")
    ISSUER_MISMATCH = c("PJ_SSL_CERT_EISSUER_MISMATCH")
    CRL_FAILURE = c("PJ_SSL_CERT_ECRL_FAILURE")
    REVOKED = c("PJ_SSL_CERT_EREVOKED")
    CHAIN_TOO_LONG = c("PJ_SSL_CERT_ECHAIN_TOO_LONG")
    WEAK_SIGNATURE = c("PJ_SSL_CERT_EWEAK_SIGNATURE")
    IDENTITY_NOT_MATCH = c("PJ_SSL_CERT_EIDENTITY_NOT_MATCH")
