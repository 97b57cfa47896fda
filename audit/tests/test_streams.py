"""Whole files under a seal: every byte is proven, and nothing is held in memory."""

import io
import tracemalloc

import pytest

from audit import keyring
from audit.keyring.streams import HEAD_BYTES, PIECE_BYTES, TAG_BYTES

WORDS = "seven words that nobody else would say"
SEALED_PIECE = PIECE_BYTES + TAG_BYTES


def sealed(content, words=WORDS):
    file = io.BytesIO()
    sealing = keyring.Sealing(file, words)
    sealing.write(content)
    sealing.seal_end()
    return file.getvalue()


def opened(content, words=WORDS):
    return io.BufferedReader(keyring.Opening(io.BytesIO(content), words)).read()


@pytest.mark.parametrize(
    "length", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 2 * PIECE_BYTES]
)
def test_file_opens_as_it_was(length):
    content = bytes(number % 251 for number in range(256)) * (length // 256 + 1)

    assert opened(sealed(content[:length])) == content[:length]


def test_same_file_is_sealed_differently_each_time():
    assert sealed(b"content")[HEAD_BYTES:] != sealed(b"content")[HEAD_BYTES:]


def flip(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: flip(whole, HEAD_BYTES),
        lambda whole: flip(whole, HEAD_BYTES + SEALED_PIECE + 7),
        lambda whole: flip(whole, -1),
        lambda whole: whole[:-1],
        lambda whole: whole[: HEAD_BYTES + SEALED_PIECE],  # at the end of a piece
        lambda whole: whole[: HEAD_BYTES + 2 * SEALED_PIECE],
        lambda whole: whole[:HEAD_BYTES],
        lambda whole: whole + b"\0",
        lambda whole: whole[:HEAD_BYTES] + whole[HEAD_BYTES + SEALED_PIECE :],  # one left out
        lambda whole: (
            whole[:HEAD_BYTES]
            + whole[HEAD_BYTES + SEALED_PIECE : HEAD_BYTES + 2 * SEALED_PIECE]
            + whole[HEAD_BYTES : HEAD_BYTES + SEALED_PIECE]
            + whole[HEAD_BYTES + 2 * SEALED_PIECE :]
        ),
    ],
)
def test_file_that_was_changed_does_not_open(spoil):
    with pytest.raises(keyring.NotWhole):
        opened(spoil(sealed(bytes(2 * PIECE_BYTES + 100))))


@pytest.mark.parametrize("place", [0, HEAD_BYTES - 1, HEAD_BYTES - 20])
def test_file_of_another_key_is_told_from_a_changed_one(place):
    whole = sealed(b"content")

    with pytest.raises(keyring.OtherKey):
        opened(whole, WORDS + " ")
    with pytest.raises(keyring.OtherKey):
        opened(flip(whole, place))
    with pytest.raises(keyring.OtherKey):
        opened(whole[: HEAD_BYTES - 1])


def test_memory_stays_flat(tmp_path):
    path, piece = tmp_path / "sealed", bytes(256 * 1024)
    tracemalloc.start()
    with path.open("wb") as file:
        sealing = keyring.Sealing(file, WORDS)
        for _ in range(100):
            sealing.write(piece)
        sealing.seal_end()
    with path.open("rb") as file:
        reader = io.BufferedReader(keyring.Opening(file, WORDS), PIECE_BYTES)
        read = sum(len(part) for part in iter(lambda: reader.read(PIECE_BYTES), b""))
    _, highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert read == 100 * len(piece)
    assert highest < 12 * PIECE_BYTES
