"""The ring's file: its keys, how they are read, made, kept, retired and printed."""

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

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

Purpose = Literal["parts", "audit", "mfa", "tokens"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)

FORMAT = "one-on-one/ring/v1"
KEY_BYTES = 32
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


class CannotRetire(KeyRingError):
    """Why a key is still needed."""


class KeyEntry(NamedTuple):
    """What may be shown of a key."""

    purpose: str
    key_id: str
    created: date
    is_current: bool
    is_retired: bool = False


@dataclass(frozen=True)
class _Key:
    purpose: str
    key_id: str
    created: date
    is_current: bool
    secret: bytes = field(repr=False)  # of a retired key: what it signed with, and no more
    is_retired: bool = False

    # One key never does two kinds of work: each has its own, derived from the ring's.
    @cached_property
    def wrapping(self) -> bytes:
        if self.is_retired:
            raise KeyMissing("The key for this was retired.")
        return hmac.digest(self.secret, b"one-on-one/wrap/v1", "sha256")

    @cached_property
    def signing(self) -> bytes:
        if self.is_retired:
            return self.secret
        return hmac.digest(self.secret, b"one-on-one/sign/v1", "sha256")


def _require_known(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise ValueError("The key ring has no such purpose.")


class Ring:
    def __init__(self, keys: Iterable[_Key]) -> None:
        self.keys = {key.key_id: key for key in keys}
        self.current = {key.purpose: key for key in self.keys.values() if key.is_current}

    def key(self, purpose: str, key_id: str | None = None) -> _Key:
        _require_known(purpose)
        key = self.current.get(purpose) if key_id is None else self.keys.get(key_id)
        if key is None or key.purpose != purpose:
            raise KeyMissing("The key ring does not hold the key for this.")
        return key


def entries() -> list[KeyEntry]:
    """List the keys without their secrets, by purpose, oldest first."""
    keys = sorted(
        ring_in_use().keys.values(), key=lambda key: (PURPOSES.index(key.purpose), key.created)
    )
    return [_entry(key) for key in keys]


def holds(text: str) -> bool:
    """Say whether a key of the ring, however spelt, is also used as this other secret."""
    plain = _plain(text)
    return any(
        plain in {_plain(spelling) for spelling in _spellings(key.secret)}
        for key in ring_in_use().keys.values()
    )


def paper() -> str:
    """Return the whole ring, secrets included, to be printed and typed in again."""
    return _text(ring_in_use().keys.values())


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
    return _entry(added)


def retire_key(key_id: str) -> KeyEntry:
    """
    Take from a key the power to open; what it signed can still be proven.

    Whoever calls makes sure that nothing is sealed under it any more. Raises CannotRetire.
    """
    path = Path(settings.KEYRING_PATH)
    with _only_writer(path):
        keys = _load(path).keys
        key = keys.get(key_id)
        if key is None:
            raise CannotRetire("The key ring holds no such key.")
        if key.is_current:
            raise CannotRetire("This key is in use. Add a new one first.")
        if not key.is_retired:
            keys[key_id] = replace(key, secret=key.signing, is_retired=True)
        with _complete_file(path, keys.values()) as whole:
            whole.replace(path)
    return _entry(keys[key_id])


def _entry(key: _Key) -> KeyEntry:
    return KeyEntry(key.purpose, key.key_id, key.created, key.is_current, key.is_retired)


# Reading the file

_loaded: dict[str, tuple[tuple[int, ...], Ring]] = {}


def ring_in_use() -> Ring:
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


def _load(path: Path) -> Ring:
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
def _parse(text: bytes) -> Ring:
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
            is_retired=entry.get("retired") is True,
        )
        for entry in ring["keys"]
    ]
    current = [key.purpose for key in keys if key.is_current]
    if len({key.key_id for key in keys}) < len(keys) or len(set(current)) < len(current):
        raise ValueError("a key or a purpose stands twice")
    if not {key.purpose for key in keys} <= set(PURPOSES):
        raise ValueError("unknown purpose")
    return Ring(keys)


# Writing the file


def _text(keys: Iterable[_Key]) -> str:
    listed = [
        {
            "purpose": key.purpose,
            "id": key.key_id,
            "created": key.created.isoformat(),
            "current": key.is_current,
            "retired": key.is_retired,
            "key": printed(key.secret),
            "check": _check(key.secret),
        }
        for key in keys
    ]
    return json.dumps({"format": FORMAT, "keys": listed}, indent=1) + "\n"


def _new_key(purpose: Purpose, *, on: date) -> _Key:
    _require_known(purpose)
    key_id = f"{purpose}-{secrets.token_hex(4)}"
    return _Key(purpose, key_id, on, is_current=True, secret=secrets.token_bytes(KEY_BYTES))


def printed(secret: bytes) -> str:
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
