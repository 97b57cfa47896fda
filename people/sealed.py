"""How sign-in secrets are kept: sealed by the key ring and written down as one line of text."""

from base64 import b64decode, b64encode

from django.views.decorators.debug import sensitive_variables

from audit import keyring


@sensitive_variables("text")
def seal_text(purpose: keyring.Purpose, text: str, *, bound: bytes) -> str:
    """Seal a text; it opens only together with the same `bound`. Raises keyring.KeyRingError."""
    box = keyring.seal(purpose, text.encode(), bound=bound)
    return ".".join([box.key_id, b64encode(box.dek).decode(), b64encode(box.box).decode()])


def open_text(purpose: keyring.Purpose, line: str, *, bound: bytes) -> str:
    """The text that was sealed. Raises keyring.KeyRingError, also for what was never sealed."""
    try:
        key_id, dek, box = line.split(".")
        sealed = keyring.Box(key_id, b64decode(dek), b64decode(box))
    except ValueError:
        raise keyring.CannotOpen("This was not sealed by the key ring.") from None
    return keyring.open_(purpose, sealed, bound=bound).decode()
