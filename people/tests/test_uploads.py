"""Uploaded files are kept for their owner's eyes, for a day, and found by their key only."""

import os
import stat

import pytest

from people import uploads


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def test_upload_is_kept_until_forgotten():
    key = uploads.keep(b"day,period\n")

    assert uploads.fetch(key) == b"day,period\n"
    uploads.forget(key)
    with pytest.raises(uploads.UploadGone):
        uploads.fetch(key)


def test_upload_is_readable_by_its_owner_only(tmp_path):
    key = uploads.keep(b"a")

    assert stat.S_IMODE((tmp_path / "imports" / key).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "imports").stat().st_mode) == 0o700


@pytest.mark.parametrize("key", ["", "../keys/ring", "a" * 47, "A" * 48, "0" * 48])
def test_upload_unknown_key_is_gone(key, tmp_path):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "ring").write_text("secret")

    uploads.forget(key)

    with pytest.raises(uploads.UploadGone):
        uploads.fetch(key)
    assert (tmp_path / "keys" / "ring").exists()


def test_upload_is_forgotten_after_a_day(tmp_path):
    key = uploads.keep(b"a")
    path = tmp_path / "imports" / key
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - uploads.KEPT_SECONDS - 60))

    with pytest.raises(uploads.UploadGone):
        uploads.fetch(key)
    uploads.keep(b"b")
    assert not path.exists()
