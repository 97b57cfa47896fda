"""An administrator, signed in, and their school."""

import pytest

from people.tests.factories import PersonFactory
from scheduling.tests.calendar_pages.calendar_page import enter
from scheduling.tests.factories import school_with_calendar


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def school():
    return school_with_calendar(slug="harbor-view")


@pytest.fixture
def client(client, school):
    return enter(client, PersonFactory(administrator=True, school=school))


@pytest.fixture
def teacher(school):
    return PersonFactory(teacher=True, school=school, email="ingrid@school.example")
