"""Encryption of media."""

from __future__ import annotations

from enum import IntFlag

from .._core import constant as c
from .open import OpenIntEnum

__all__ = ["SrtpCryptoOption", "SrtpKeyingMethod"]


class SrtpKeyingMethod(OpenIntEnum):
    """How keys are agreed on (`pjmedia_srtp_keying_method`)."""

    SDES = c("PJMEDIA_SRTP_KEYING_SDES")
    DTLS_SRTP = c("PJMEDIA_SRTP_KEYING_DTLS_SRTP")


class SrtpCryptoOption(IntFlag):
    """What a crypto suite leaves out (`pjmedia_srtp_crypto_option`)."""

    NO_ENCRYPTION = c("PJMEDIA_SRTP_NO_ENCRYPTION")
    NO_AUTHENTICATION = c("PJMEDIA_SRTP_NO_AUTHENTICATION")
