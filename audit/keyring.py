"""The key ring: what seals, opens and signs; the only module that imports `cryptography`."""

import base64
import errno
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

Purpose = Literal["parts", "audit", "mfa", "tokens"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

FORMAT = "one-on-one/ring/v1"
LABEL = b"one-on-one/seal/v1"
KEY_BYTES = 32
NONCE_BYTES = 12
PADDED_TO = 256
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyRingError(Exception):
    """Why the key ring could not do what was asked, in words that hold no secret."""


class RingMissing(KeyRingError):
    """There is no key ring, or it may not be read."""


class RingUnsafe(KeyRingError):
    """Others on this computer can read the key ring or change what lies beside it."""


class RingDamaged(KeyRingError):
    """The file is there and is not a key ring."""


class CannotOpen(KeyRingError):
    """What was sealed was changed, moved, or sealed for something else."""


class KeyMissing(CannotOpen):
    """The ring does not hold the key that is asked for."""


class Box(NamedTuple):
    """Sealed bytes: the text under a key of its own, and that key under the ring's."""

    key_id: str
    dek: bytes
    box: bytes


class Mac(NamedTuple):
    """A signature (HMAC-SHA256, 64 hex digits) and the key that made it."""

    key_id: str
    hex: str


class KeyEntry(NamedTuple):
    """What may be shown of a key."""

    purpose: str
    key_id: str
    created: date
    is_current: bool


@dataclass(frozen=True)
class _Key:
    purpose: str
    key_id: str
    created: date
    is_current: bool
    secret: bytes = field(repr=False)

    # One key never does two kinds of work: each has its own, derived from the ring's.
    @cached_property
    def wrapping(self) -> bytes:
        return hmac.digest(self.secret, b"one-on-one/wrap/v1", "sha256")

    @cached_property
    def signing(self) -> bytes:
        return hmac.digest(self.secret, b"one-on-one/sign/v1", "sha256")


def _require_known(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise ValueError("The key ring has no such purpose.")


class _Ring:
    def __init__(self, keys: Iterable[_Key]) -> None:
        self.keys = {key.key_id: key for key in keys}
        self.current = {key.purpose: key for key in self.keys.values() if key.is_current}

    def key(self, purpose: str, key_id: str | None = None) -> _Key:
        _require_known(purpose)
        key = self.current.get(purpose) if key_id is None else self.keys.get(key_id)
        if key is None or key.purpose != purpose:
            raise KeyMissing("The key ring does not hold the key for this.")
        return key


@sensitive_variables()
def seal(purpose: Purpose, plaintext: bytes, *, bound: bytes) -> Box:
    """
    Seal bytes of any length, so that they open only together with the same `bound`.

    AES-256-GCM under a fresh key for every call (no nonce can repeat), padded to multiples of
    256 bytes (the length tells less); that key is wrapped by the ring's current key.
    Raises RingMissing, RingUnsafe, RingDamaged or KeyMissing.
    """
    key = _ring().key(purpose)
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
    key = _ring().key(purpose, box.key_id)
    dek = _decrypt(key.wrapping, box.dek, _bind("dek", purpose, key.key_id, bound=bound))
    return _unpad(_decrypt(dek, box.box, _bind("box", purpose, bound=bound)))


def mac(purpose: Purpose, message: bytes, *, key_id: str | None = None) -> Mac:
    """
    Sign with the current key, or again with the key that an earlier signature names.

    Raises KeyMissing, RingMissing, RingUnsafe or RingDamaged.
    """
    key = _ring().key(purpose, key_id)
    return Mac(key.key_id, hmac.digest(key.signing, message, "sha256").hex())


def current_key_id(purpose: Purpose) -> str:
    """Name the key that seals and signs now. Raises as `mac` does."""
    return _ring().key(purpose).key_id


def entries() -> list[KeyEntry]:
    """List the keys without their secrets, by purpose, oldest first."""
    keys = sorted(_ring().keys.values(), key=lambda key: (PURPOSES.index(key.purpose), key.created))
    return [KeyEntry(key.purpose, key.key_id, key.created, key.is_current) for key in keys]


def holds(text: str) -> bool:
    """Say whether a key of the ring, however spelt, is also used as this other secret."""
    plain = _plain(text)
    return any(
        plain in {_plain(spelling) for spelling in _spellings(key.secret)}
        for key in _ring().keys.values()
    )


def paper() -> str:
    """Return the whole ring, secrets included, to be printed and typed in again."""
    return _text(_ring().keys.values())


def create(path: Path, *, on: date) -> None:
    """
    Make a ring with one key for each purpose, readable by its owner only.

    Raises FileExistsError when there is one (it is never overwritten), and RingUnsafe when
    the folder holds other things and is open to other people.
    """
    _prepare_folder(path.parent)
    with _complete_file(path, [_new_key(purpose, on=on) for purpose in PURPOSES]) as whole:
        os.link(whole, path)  # unlike a rename, refuses to replace


def add_key(purpose: Purpose, *, on: date) -> KeyEntry:
    """Make a new current key; the earlier ones stay, to open what they sealed."""
    path = Path(settings.KEYRING_PATH)
    with _only_writer(path):
        added = _new_key(purpose, on=on)
        kept = [
            replace(key, is_current=key.is_current and key.purpose != purpose)
            for key in _load(path).keys.values()
        ]
        with _complete_file(path, [*kept, added]) as whole:
            whole.replace(path)
    return KeyEntry(added.purpose, added.key_id, added.created, added.is_current)


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


# Reading the file

_loaded: dict[str, tuple[tuple[int, ...], _Ring]] = {}


def _ring() -> _Ring:
    """Return the ring, read again only when its file has changed."""
    path = os.fspath(settings.KEYRING_PATH)  # for every event twice: no Path here
    try:
        status = os.stat(path)
    except OSError:
        raise RingMissing(_MISSING) from None
    # Changing the mode changes st_ctime only, and must be noticed too.
    stamp = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    known = _loaded.get(path)
    if known is None or known[0] != stamp:
        known = _loaded[path] = (stamp, _load(Path(path)))
    return known[1]


_MISSING = "The key ring is missing or may not be read. Put it back where KEYRING_PATH points."
_UNSAFE = "Others can reach the key ring. Its file must have mode 600 and its folder mode 700."
_DAMAGED = "The key ring's file is damaged. Put back a good copy."


def _load(path: Path) -> _Ring:
    try:
        with path.open("rb") as file:
            modes = os.fstat(file.fileno()).st_mode | path.parent.stat().st_mode
            if modes & OPEN_TO_OTHERS:
                raise RingUnsafe(_UNSAFE)
            text = file.read()
    except OSError:
        raise RingMissing(_MISSING) from None
    try:
        return _parse(text)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RingDamaged(_DAMAGED) from None


@sensitive_variables()
def _parse(text: bytes) -> _Ring:
    ring = json.loads(text)
    if ring["format"] != FORMAT:
        raise ValueError("not a ring")
    keys = [
        _Key(
            purpose=entry["purpose"],
            key_id=entry["id"],
            created=date.fromisoformat(entry["created"]),
            is_current=entry["current"] is True,
            secret=_typed(entry["key"], entry["check"]),
        )
        for entry in ring["keys"]
    ]
    current = [key.purpose for key in keys if key.is_current]
    if len({key.key_id for key in keys}) < len(keys) or len(set(current)) < len(current):
        raise ValueError("a key or a purpose stands twice")
    if not {key.purpose for key in keys} <= set(PURPOSES):
        raise ValueError("unknown purpose")
    return _Ring(keys)


# Writing the file


def _text(keys: Iterable[_Key]) -> str:
    listed = [
        {
            "purpose": key.purpose,
            "id": key.key_id,
            "created": key.created.isoformat(),
            "current": key.is_current,
            "key": _printed(key.secret),
            "check": _check(key.secret),
        }
        for key in keys
    ]
    return json.dumps({"format": FORMAT, "keys": listed}, indent=1) + "\n"


def _new_key(purpose: Purpose, *, on: date) -> _Key:
    _require_known(purpose)
    key_id = f"{purpose}-{secrets.token_hex(4)}"
    return _Key(purpose, key_id, on, is_current=True, secret=secrets.token_bytes(KEY_BYTES))


def _printed(secret: bytes) -> str:
    """Spell a key for paper: no letter looks like a digit, in groups of four."""
    letters = base64.b32encode(secret).decode().rstrip("=")
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))


def _typed(spelt: str, check: str) -> bytes:
    letters = spelt.replace("-", "").replace(" ", "").upper()
    secret = base64.b32decode(letters + "=" * (-len(letters) % 8))
    if len(secret) != KEY_BYTES or _check(secret) != check:
        raise ValueError("mistyped")
    return secret


def _check(secret: bytes) -> str:
    """Eight digits that a slip of the pen changes and that say nothing of 256 random bits."""
    return hashlib.sha256(b"one-on-one/check/v1" + secret).hexdigest()[:8]


def _spellings(secret: bytes) -> set[str]:
    coded = (base64.b64encode, base64.urlsafe_b64encode, base64.b32encode, base64.b16encode)
    spellings = {code(secret).decode() for code in coded}
    return spellings | {secret.hex(), secret.decode("latin-1")}


def _plain(spelling: str) -> str:
    return spelling.replace("-", "").rstrip("=").casefold()


def _prepare_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & OPEN_TO_OTHERS:
        if any(folder.iterdir()):
            raise RingUnsafe(_UNSAFE)
        folder.chmod(0o700)  # an empty folder is the ring's own, such as a fresh volume


@contextmanager
def _complete_file(path: Path, keys: Iterable[_Key]) -> Iterator[Path]:
    """Lend a file that is whole and on disk, so that no half ring ever stands under the name."""
    whole = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(_text(keys))
            file.flush()
            os.fsync(file.fileno())
        yield whole
        with _opened(path.parent) as folder:
            os.fsync(folder)
    finally:
        whole.unlink(missing_ok=True)


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    with _opened(path.parent) as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        raise RingMissing(_MISSING) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)
