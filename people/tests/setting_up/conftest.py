"""An administrator and their school."""

import pytest

from people.tests.factories import PersonFactory, SchoolFactory
from people.tests.setting_up.setup_page import enter


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def admin(client):
    person = PersonFactory(administrator=True, school=SchoolFactory(), given_name="Ada")
    return enter(client, person)


@pytest.fixture
def school(admin):
    return admin.roles.get().school
