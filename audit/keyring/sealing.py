"""Sealing bytes so that they open only where they belong, and signing; the only cryptography."""

import hmac
import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.views.decorators.debug import sensitive_variables

from .ring import KEY_BYTES, CannotOpen, Purpose, ring_in_use

LABEL = b"one-on-one/seal/v1"
NONCE_BYTES = 12
PADDED_TO = 256


class Box(NamedTuple):
    """Sealed bytes: the text under a key of its own, and that key under the ring's."""

    key_id: str
    dek: bytes
    box: bytes


class Mac(NamedTuple):
    """A signature (HMAC-SHA256, 64 hex digits) and the key that made it."""

    key_id: str
    hex: str


@sensitive_variables()
def seal(purpose: Purpose, plaintext: bytes, *, bound: bytes) -> Box:
    """
    Seal bytes of any length, so that they open only together with the same `bound`.

    AES-256-GCM under a fresh key for every call (no nonce can repeat), padded to multiples of
    256 bytes (the length tells less); that key is wrapped by the ring's current key.
    Raises RingMissing, RingUnsafe, RingDamaged or KeyMissing.
    """
    key = ring_in_use().key(purpose)
    dek = AESGCM.generate_key(KEY_BYTES * 8)
    return Box(
        key_id=key.key_id,
        dek=_encrypt(key.wrapping, dek, _bind("dek", purpose, key.key_id, bound=bound)),
        box=_encrypt(dek, _pad(plaintext), _bind("box", purpose, bound=bound)),
    )


@sensitive_variables()
def open_(purpose: Purpose, box: Box, *, bound: bytes) -> bytes:
    """
    Return what was sealed.

    Raises CannotOpen when a bit, the purpose or `bound` differs (KeyMissing, a kind of it,
    when the ring has lost the key); RingMissing, RingUnsafe or RingDamaged.
    """
    key = ring_in_use().key(purpose, box.key_id)
    dek = _decrypt(key.wrapping, box.dek, _bind("dek", purpose, key.key_id, bound=bound))
    return _unpad(_decrypt(dek, box.box, _bind("box", purpose, bound=bound)))


@sensitive_variables()
def rewrap(purpose: Purpose, box: Box, *, bound: bytes) -> Box:
    """
    Put the key of what was sealed under the ring's current key; the sealed text stays as it is.

    Raises as `open_` does, without the text being opened.
    """
    ring = ring_in_use()
    old, new = ring.key(purpose, box.key_id), ring.key(purpose)
    dek = _decrypt(old.wrapping, box.dek, _bind("dek", purpose, old.key_id, bound=bound))
    wrapped = _encrypt(new.wrapping, dek, _bind("dek", purpose, new.key_id, bound=bound))
    return box._replace(key_id=new.key_id, dek=wrapped)


@sensitive_variables()
def reseal(purpose: Purpose, box: Box, *, bound: bytes) -> Box:
    """
    Seal anew what was sealed: under a fresh key of its own, under the ring's current key.

    For when a key of the ring is in other hands: whoever had it may have the key of the text too,
    which `rewrap` keeps. Raises as `open_` does.
    """
    return seal(purpose, open_(purpose, box, bound=bound), bound=bound)


def mac(purpose: Purpose, message: bytes, *, key_id: str | None = None) -> Mac:
    """
    Sign with the current key, or again with the key that an earlier signature names.

    Raises KeyMissing, RingMissing, RingUnsafe or RingDamaged.
    """
    key = ring_in_use().key(purpose, key_id)
    return Mac(key.key_id, hmac.digest(key.signing, message, "sha256").hex())


def current_key_id(purpose: Purpose) -> str:
    """Name the key that seals and signs now. Raises as `mac` does."""
    return ring_in_use().key(purpose).key_id


def _bind(*names: str, bound: bytes) -> bytes:
    # Names hold no NUL and each layer has a fixed number of them: no two calls give one result.
    return b"\0".join([LABEL, *(name.encode() for name in names), bound])


def _encrypt(key: bytes, plaintext: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def _decrypt(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    sealed = bytes(sealed)  # PostgreSQL hands out a memoryview
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except (InvalidTag, ValueError):
        raise CannotOpen("This was changed since it was sealed, or belongs elsewhere.") from None


def _pad(plaintext: bytes) -> bytes:
    # ISO/IEC 7816-4: one mark, then zeros.
    marked = plaintext + b"\x80"
    return marked + bytes(-len(marked) % PADDED_TO)


def _unpad(padded: bytes) -> bytes:
    return padded.rstrip(b"\0")[:-1]
