"""That a start finds everything it needs, and a second start little to do."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from people.tests.factories import SchoolFactory


@pytest.fixture(autouse=True)
def _places(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.KEYRING_PATH = tmp_path / "keys" / "ring.json"


def prepare(*options):
    out = StringIO()
    call_command("prepare", *options, stdout=out)
    return out.getvalue()


def test_prepare_makes_the_key_ring_once(db, settings):
    SchoolFactory()

    assert "Made the key ring" in prepare()
    ring = Path(settings.KEYRING_PATH).read_bytes()
    assert prepare() == ""
    assert Path(settings.KEYRING_PATH).read_bytes() == ring


def test_prepare_says_how_to_begin_a_school(db):
    assert "create_school" in prepare()


def test_prepare_makes_no_demo_beside_a_school(db):
    school = SchoolFactory()

    prepare("--demo")

    assert list(type(school).objects.all()) == [school]


def test_prepare_collects_static_files_only_when_they_changed(db, settings):
    SchoolFactory()
    prepare("--static")
    page_style = next(Path(settings.STATIC_ROOT).rglob("tokens*.css"))
    (Path(settings.STATIC_ROOT) / "staticfiles.json").write_text("{}")
    page_style.unlink()

    prepare("--static")
    assert not page_style.exists()

    (Path(settings.VAR_DIR) / "static.sha256").write_text("another")
    prepare("--static")
    assert page_style.exists()
