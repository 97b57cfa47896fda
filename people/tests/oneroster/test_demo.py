"""The demo's district and the real one never mix."""

import pytest
from django.core.exceptions import PermissionDenied

from conftest import NOW
from people import actions, oneroster
from people.models import ImportRun, Person, RosterSource, School
from people.tests.factories import PersonFactory, SchoolFactory

from .bundles import DISTRICT, write
from .runs import start

pytestmark = pytest.mark.django_db


@pytest.fixture
def dan():
    """Who administers the demo's district."""
    dan = PersonFactory()
    dan.roles.create(
        school=SchoolFactory(demo=True, name="Bay High"),
        kind="district_admin",
        starts_on=NOW.date(),
    )
    return dan


def test_files_of_the_demos_district_fill_its_schools_only(dan, dora, tmp_path):
    read = oneroster.read(write(tmp_path / "x", DISTRICT), month_first=True)
    actions.apply_oneroster(read, school=None, by=dora, at=NOW)

    actions.apply_oneroster(read, school=None, by=dan, at=NOW)

    assert set(School.objects.values_list("name", "is_demo")) == {
        (name, is_demo) for name in ("Bay High", "Bay Middle") for is_demo in (True, False)
    }
    assert Person.objects.filter(external_id="T1").count() == 2
    assert set(RosterSource.objects.values_list("school", "name")) == {
        (None, "roster"),
        (None, "demo"),
    }


def test_whoever_administers_the_demos_district_sees_and_does_nothing_real(dan, dora):
    real = dora.roles.get().school
    runs = [start(None, real), start(None, None), start(dora, None)]

    assert not ImportRun.objects.visible_to(dan, on=NOW.date()).exists()
    with pytest.raises(PermissionDenied):
        start(dan, real)
    assert ImportRun.objects.count() == len(runs)
