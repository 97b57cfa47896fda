"""Sealing whole files with a key that is not of the ring, piece by piece: memory stays flat."""

import hashlib
import hmac
import io
import secrets
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.views.decorators.debug import sensitive_variables

from .ring import KEY_BYTES, CannotOpen, printed

MAGIC = b"one-on-one/stream/v1\n"
SALT_BYTES = CHECK_BYTES = 16
HEAD_BYTES = len(MAGIC) + SALT_BYTES + CHECK_BYTES
PIECE_BYTES = 1024 * 1024
TAG_BYTES = 16
# scrypt's cost, for whoever chooses words instead of a made key: 16 MiB and some 50 ms a file
COST, BLOCK, LANES = 2**14, 8, 1


class OtherKey(CannotOpen):
    """The file was sealed with another key, or is no sealed file."""


class NotWhole(CannotOpen):
    """The file was cut off or changed after it was sealed."""


def new_words() -> str:
    """256 random bits, spelt as the ring's paper spells them."""
    return printed(secrets.token_bytes(KEY_BYTES))


class Sealing(io.RawIOBase):
    """
    Seals what is written to it into another file, under a key of the file's own.

    Pieces of 1 MiB, AES-256-GCM, numbered, the last one marked: none can be changed, moved, left
    out or cut off. The file is whole once `seal_end` was called.
    """

    @sensitive_variables()
    def __init__(self, file: BinaryIO, words: str) -> None:
        super().__init__()
        salt = secrets.token_bytes(SALT_BYTES)
        key, check = _keys(words, salt)
        self._file, self._cipher = file, AESGCM(key)
        self._head = MAGIC + salt + check
        self._number, self._rest = 0, bytearray()
        file.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self._rest += data
        while len(self._rest) > PIECE_BYTES:  # the last piece, also a full one, is for seal_end
            self._put(bytes(self._rest[:PIECE_BYTES]), is_last=False)
            del self._rest[:PIECE_BYTES]
        return len(data)

    def seal_end(self) -> None:
        self._put(bytes(self._rest), is_last=True)
        self._rest.clear()

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._file.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class Opening(io.RawIOBase):
    """Reads what `Sealing` sealed. Raises OtherKey at once, NotWhole while reading."""

    @sensitive_variables()
    def __init__(self, file: BinaryIO, words: str) -> None:
        super().__init__()
        self._head = file.read(HEAD_BYTES)
        salt, check = self._head[len(MAGIC) : -CHECK_BYTES], self._head[-CHECK_BYTES:]
        if len(self._head) < HEAD_BYTES or not self._head.startswith(MAGIC):
            raise OtherKey("This is not a sealed file.")
        key, expected = _keys(words, salt)
        if not hmac.compare_digest(check, expected):
            raise OtherKey("This was sealed with another key.")
        self._file, self._cipher = file, AESGCM(key)
        self._number, self._piece = 0, memoryview(b"")
        self._next = file.read(PIECE_BYTES + TAG_BYTES)
        self._is_over = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._piece and not self._is_over:
            self._piece = memoryview(self._take())
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count

    def _take(self) -> bytes:
        sealed, self._next = self._next, self._file.read(PIECE_BYTES + TAG_BYTES)
        self._is_over = not self._next
        nonce = _nonce(self._number, is_last=self._is_over)
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, sealed, self._head)
        except (InvalidTag, ValueError):
            raise NotWhole("This was cut off or changed after it was sealed.") from None


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


@sensitive_variables()
def _keys(words: str, salt: bytes) -> tuple[bytes, bytes]:
    """The key of one file, and what tells a wrong key from a changed file."""
    secret = hashlib.scrypt(words.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=KEY_BYTES)
    return (
        hmac.digest(secret, b"one-on-one/stream-seal/v1", "sha256"),
        hmac.digest(secret, b"one-on-one/stream-check/v1", "sha256")[:CHECK_BYTES],
    )
