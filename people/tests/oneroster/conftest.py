"""A school and its administrator, and a folder of one's own for files."""

import pytest

from conftest import NOW
from people.models import Role
from people.tests.factories import PersonFactory, SchoolFactory


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def school():
    return SchoolFactory(name="Bay High", external_id="HS")


@pytest.fixture
def ada(school):
    return PersonFactory(administrator=True, school=school)


@pytest.fixture
def dora():
    """An administrator of the district, whose row stands at a first school of it."""
    dora = PersonFactory(given_name="Dora")
    dora.roles.create(
        school=SchoolFactory(name="Bay High"), kind=Role.Kind.DISTRICT_ADMIN, starts_on=NOW.date()
    )
    return dora
