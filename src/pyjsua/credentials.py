"""Digest credentials, by password or by HA1."""

from __future__ import annotations

from .config import CredInfo
from .enums import AuthAlgorithmType, CredDataType

__all__: list[str] = []

HA1_ALGORITHMS = {32: AuthAlgorithmType.MD5, 64: AuthAlgorithmType.SHA256}
"""By the length of a digest in hexadecimal."""


def credential(username: str, password: str, ha1: str, realm: str) -> CredInfo:
    """A digest credential; raises `ValueError` where it cannot be one."""
    if not ha1:
        return CredInfo(realm=realm, username=username, data=password)
    if password:
        raise ValueError("ha1: it takes the place of the password")
    algorithm = HA1_ALGORITHMS.get(len(ha1))
    if algorithm is None or not set(ha1.lower()) <= set("0123456789abcdef"):
        # Not said which: it is a secret.
        raise ValueError("ha1: 32 hexadecimal digits of MD5 are expected, or 64 of SHA-256")
    return CredInfo(
        realm=realm,
        username=username,
        data_type=CredDataType.DIGEST,
        data=ha1.lower(),
        algorithm_type=algorithm,
    )
