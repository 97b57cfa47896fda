"""What is sealed opens only where it belongs, and the ring's file is as shut as it can be."""

import json
import os
from datetime import date

import pytest

from audit import keyring
from audit.keyring.ring import ring_in_use

TODAY = date(2026, 10, 12)
TEXT = "Zoë said: café".encode()
BOUND = b"part 1"


@pytest.mark.parametrize("length", [0, 1, 255, 256, 257, 5000])
@pytest.mark.parametrize("purpose", keyring.PURPOSES)
def test_open_returns_what_was_sealed(purpose, length):
    plaintext = bytes(length)

    box = keyring.seal(purpose, plaintext, bound=BOUND)

    assert keyring.open_(purpose, box, bound=BOUND) == plaintext


def test_open_takes_the_memoryviews_of_a_database():
    box = keyring.seal("parts", TEXT, bound=BOUND)
    stored = keyring.Box(box.key_id, memoryview(box.dek), memoryview(box.box))

    assert keyring.open_("parts", stored, bound=BOUND) == TEXT


def test_sealed_text_is_padded_and_never_twice_the_same():
    boxes = [keyring.seal("parts", text, bound=BOUND) for text in (b"a", b"a", b"a" * 255)]

    assert {len(box.box) for box in boxes} == {12 + 256 + 16}
    assert len({box.box for box in boxes}) == 3
    assert len({box.dek for box in boxes}) == 3


def flip(sealed, place):
    return sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda box, other: box._replace(box=other.box),
        lambda box, other: box._replace(dek=other.dek),
        lambda box, other: other,
        lambda box, other: box._replace(box=flip(box.box, 20)),
        lambda box, other: box._replace(box=flip(box.box, 0)),
        lambda box, other: box._replace(dek=flip(box.dek, -1)),
        lambda box, other: box._replace(box=TEXT),
        lambda box, other: box._replace(box=b""),
        lambda box, other: box._replace(dek=b""),
        lambda box, other: box._replace(key_id="parts-00000000"),
    ],
    ids=[
        "another box",
        "another key",
        "another row",
        "flipped bit",
        "flipped nonce",
        "flipped key",
        "plain text in the column",
        "empty box",
        "empty key",
        "unknown key",
    ],
)
def test_open_refuses_what_was_spoilt(spoil):
    box = keyring.seal("parts", TEXT, bound=BOUND)
    other = keyring.seal("parts", TEXT, bound=b"part 2")

    with pytest.raises(keyring.CannotOpen) as refusal:
        keyring.open_("parts", spoil(box, other), bound=BOUND)

    assert "Zo" not in str(refusal.value)


def test_open_refuses_other_bound_bytes_and_other_purpose():
    box = keyring.seal("parts", TEXT, bound=BOUND)

    with pytest.raises(keyring.CannotOpen):
        keyring.open_("parts", box, bound=b"part 2")
    with pytest.raises(keyring.KeyMissing):
        keyring.open_("tokens", box, bound=BOUND)


def test_purpose_must_be_known():
    with pytest.raises(ValueError, match="purpose"):
        keyring.seal("lunch", TEXT, bound=BOUND)
    with pytest.raises(ValueError, match="purpose"):
        keyring.add_key("lunch", on=TODAY)


def test_added_key_is_current_at_once_and_the_old_one_still_opens_and_signs():
    box = keyring.seal("parts", TEXT, bound=BOUND)
    signed = keyring.mac("audit", b"message")

    for purpose in ("parts", "audit"):
        keyring.add_key(purpose, on=TODAY)

    assert keyring.seal("parts", TEXT, bound=BOUND).key_id != box.key_id
    assert keyring.open_("parts", box, bound=BOUND) == TEXT
    assert keyring.mac("audit", b"message") != signed
    assert keyring.mac("audit", b"message", key_id=signed.key_id) == signed
    assert [entry.is_current for entry in keyring.entries()] == [
        False, True, False, True, True, True
    ]  # fmt: skip


def test_mac_differs_by_message_and_purpose():
    signatures = {
        keyring.mac(purpose, message).hex
        for purpose in keyring.PURPOSES
        for message in (b"", b"a", b"b")
    }

    assert {len(signature) for signature in signatures} == {64}
    assert len(signatures) == 12


def test_create_is_for_the_owner_only_and_never_overwrites(ring):
    before = ring.read_bytes()

    with pytest.raises(FileExistsError):
        keyring.create(ring, on=TODAY)

    assert ring.read_bytes() == before
    assert ring.stat().st_mode & 0o777 == 0o600
    assert ring.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in ring.parent.iterdir()] == ["ring.json"]


def test_create_shuts_an_empty_folder_and_refuses_a_shared_one(tmp_path):
    (tmp_path / "fresh").mkdir(mode=0o755)
    (tmp_path / "shared").mkdir(mode=0o755)
    (tmp_path / "shared" / "db.sqlite3").touch()

    keyring.create(tmp_path / "fresh" / "ring.json", on=TODAY)
    with pytest.raises(keyring.RingUnsafe):
        keyring.create(tmp_path / "shared" / "ring.json", on=TODAY)

    assert (tmp_path / "fresh").stat().st_mode & 0o777 == 0o700
    assert not (tmp_path / "shared" / "ring.json").exists()


def test_add_key_leaves_mode_and_folder_as_they_were(ring):
    keyring.add_key("parts", on=TODAY)

    assert ring.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in ring.parent.iterdir()] == ["ring.json"]


def test_missing_ring(ring):
    box = keyring.seal("parts", TEXT, bound=BOUND)
    ring.unlink()

    with pytest.raises(keyring.RingMissing):
        keyring.open_("parts", box, bound=BOUND)
    with pytest.raises(keyring.RingMissing):
        keyring.mac("audit", b"")
    ring.parent.rmdir()
    with pytest.raises(keyring.RingMissing):
        keyring.add_key("parts", on=TODAY)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_ring_that_others_can_reach_is_not_used(ring, mode):
    keyring.entries()
    ring.chmod(mode)

    with pytest.raises(keyring.RingUnsafe):
        keyring.entries()

    ring.chmod(0o600)
    assert len(keyring.entries()) == 4


def test_folder_that_others_can_reach_is_not_used(ring):
    ring.parent.chmod(0o750)

    with pytest.raises(keyring.RingUnsafe):
        keyring.entries()


def test_changed_file_is_read_again(ring):
    box = keyring.seal("parts", TEXT, bound=BOUND)
    whole = json.loads(ring.read_text())
    without = whole | {"keys": [key for key in whole["keys"] if key["id"] != box.key_id]}

    ring.write_text(json.dumps(without))
    with pytest.raises(keyring.KeyMissing):
        keyring.open_("parts", box, bound=BOUND)
    ring.write_text(json.dumps(whole))

    assert keyring.open_("parts", box, bound=BOUND) == TEXT


def spoilt(change):
    def apply(text):
        content = json.loads(text)
        change(content)
        return json.dumps(content)

    return apply


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[:100],
        lambda text: "\0\xff",
        lambda text: "[]",
        lambda text: "{}",
        spoilt(lambda content: content.update(format="other")),
        spoilt(lambda content: content.update(keys=7)),
        spoilt(lambda content: content["keys"].append(content["keys"][0])),
        spoilt(lambda content: content["keys"].append(content["keys"][0] | {"id": "parts-2"})),
        spoilt(lambda content: content["keys"][0].update(key="AAAA-AAAA")),
        spoilt(lambda content: content["keys"][0].update(check="00000000")),
        spoilt(lambda content: content["keys"][0].update(purpose="lunch")),
        spoilt(lambda content: content["keys"][0].update(created="yesterday")),
    ],
)
def test_damaged_ring(ring, spoil):
    ring.write_text(spoil(ring.read_text()))

    with pytest.raises(keyring.RingDamaged):
        keyring.entries()


def test_paper_typed_in_again_with_small_letters_opens_everything(ring):
    box = keyring.seal("parts", TEXT, bound=BOUND)
    content = json.loads(keyring.paper())
    for key in content["keys"]:
        key["key"] = key["key"].lower().replace("-", " ")

    ring.unlink()
    os.close(os.open(ring, os.O_CREAT, 0o600))
    ring.write_text(json.dumps(content))

    assert keyring.open_("parts", box, bound=BOUND) == TEXT


def test_nothing_that_can_be_printed_shows_a_secret(ring):
    secrets = [key["key"] for key in json.loads(ring.read_text())["keys"]]
    loaded = ring_in_use()

    shown = repr((vars(loaded), keyring.entries(), list(loaded.keys.values())))

    assert not any(secret in shown for secret in secrets)
    assert not any(repr(key.secret) in shown for key in loaded.keys.values())
