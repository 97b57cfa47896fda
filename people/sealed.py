"""How sign-in secrets are kept: sealed by the key ring and written down as one line of text."""

from base64 import b64decode, b64encode

from django.views.decorators.debug import sensitive_variables

from audit import keyring
from audit.stores import Renew


def factor_of(user_pk: object) -> bytes:
    """What the secret of a second factor is bound to: copied to somebody else it does not open."""
    return f"people/authenticator/{user_pk}".encode()


@sensitive_variables("text")
def seal_text(purpose: keyring.Purpose, text: str, *, bound: bytes) -> str:
    """Seal a text; it opens only together with the same `bound`. Raises keyring.KeyRingError."""
    return _line(keyring.seal(purpose, text.encode(), bound=bound))


def open_text(purpose: keyring.Purpose, line: str, *, bound: bytes) -> str:
    """The text that was sealed. Raises keyring.KeyRingError, also for what was never sealed."""
    return keyring.open_(purpose, _box(line), bound=bound).decode()


def renew_text(how: Renew, purpose: keyring.Purpose, line: str, *, bound: bytes) -> str:
    """The line under the ring's current key. Raises as `open_text`."""
    return _line(how(purpose, _box(line), bound=bound))


def key_of(line: str) -> str:
    """The id of the key under which a line lies."""
    return line.partition(".")[0]


def _line(box: keyring.Box) -> str:
    return ".".join([box.key_id, b64encode(box.dek).decode(), b64encode(box.box).decode()])


def _box(line: str) -> keyring.Box:
    try:
        key_id, dek, box = line.split(".")
        return keyring.Box(key_id, b64decode(dek), b64decode(box))
    except ValueError:
        raise keyring.CannotOpen("This was not sealed by the key ring.") from None
