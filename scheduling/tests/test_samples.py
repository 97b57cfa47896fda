"""Each sample file really comes in: downloaded, uploaded, and no row refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from conftest import NOW
from people.models import Person, Role, School
from people.tests.factories import PersonFactory, RoleFactory
from scheduling.models import BellSchedule, Closure, Commitment
from scheduling.samples import SAMPLES
from scheduling.tests.factories import school_with_calendar

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def school():
    return school_with_calendar(at=NOW, is_demo=True)  # no second factor is asked for


@pytest.fixture
def client(client, school):
    client.force_login(PersonFactory(administrator=True, school=school).user)
    return client


def address(kind):
    return reverse("scheduling:sample", args=[kind])


def looked_at(client, kind, page, **fields):
    """The preview of the sample, as it was downloaded from the page and uploaded again."""
    shown = client.get(reverse(page))
    assert f'href="{address(kind)}"' in shown.text
    got = client.get(address(kind))
    assert got["Content-Disposition"] == f'attachment; filename="{SAMPLES[kind].name}"'
    file = SimpleUploadedFile(SAMPLES[kind].name, got.content)
    return client.post(reverse(page), {"file": file, **fields}, follow=True)


def roster(client):
    preview = looked_at(client, "roster", "people:roster_import")
    diff = preview.context["diff"]
    assert (len(diff.new), diff.refused, diff.notices) == (4, [], [])
    client.post(reverse("people:roster_preview"), {"digest": diff.digest})


def test_roster_sample_comes_in(client, school):
    roster(client)

    teacher = Person.objects.get(external_id="T-101")
    assert set(teacher.roles.values_list("kind", flat=True)) == {"teacher", "safeguarding_lead"}
    assert teacher.lines.get().manager.external_id == "L-100"
    assert Person.objects.get(external_id="S-201").guardianships.count() == 1


def test_lessons_sample_comes_in(client, school):
    roster(client)

    term = school.terms.get()
    preview = looked_at(client, "lessons", "scheduling:lesson_import", term=term.uid)

    plan = preview.context["plan"]
    assert (plan.row_count, plan.problems, plan.left_out) == (2, [], [])
    client.post(reverse("scheduling:lesson_preview"), follow=True)
    made = Commitment.objects.filter(person__external_id="T-101")
    assert set(made.values_list("label", flat=True)) == {"Math", "Science"}


def test_bells_sample_comes_in(client, school):
    preview = looked_at(client, "bells", "scheduling:bell_import")

    plan = preview.context["plan"]
    assert (plan.row_count, plan.problems, plan.left_out) == (2, [], [])
    client.post(reverse("scheduling:bell_preview"))
    assert BellSchedule.objects.get(name="Sample day").times.count() == 2


def test_closures_sample_comes_in(client, school):
    preview = looked_at(client, "closures", "scheduling:closure_import")

    assert preview.context["refused"] == []
    form = preview.context["form"]
    client.post(preview.request["PATH_INFO"], {name: form[name].value() for name in form.fields})
    assert set(Closure.objects.values_list("name", flat=True)) >= {"Sample break, no school"}


def test_schools_sample_comes_in(client, school):
    person = PersonFactory(administrator=True, school=school)
    RoleFactory(person=person, school=school, kind=Role.Kind.DISTRICT_ADMIN)
    client.force_login(person.user)

    preview = looked_at(client, "schools", "scheduling:district_schools_import")

    plan = preview.context["plan"]
    assert (len(plan.new), plan.problems, plan.left_out) == (2, [], [])
    client.post(reverse("scheduling:district_schools_preview"))
    assert School.objects.filter(external_id__in=["E-01", "M-02"]).count() == 2


@pytest.mark.parametrize("kind", SAMPLES)
def test_sample_is_for_who_may_import_it(client, school, kind):
    client.force_login(PersonFactory(leader=True, school=school).user)

    assert client.get(address(kind)).status_code == 403


def test_what_has_no_sample_is_not_there(client):
    assert client.get(address("anything")).status_code == 404


@pytest.mark.parametrize("kind", SAMPLES)
def test_samples_name_nobody_who_is_here(client, school, kind):
    real = PersonFactory(teacher=True, school=school)

    made = SAMPLES[kind].make(school, NOW.date()).decode()

    assert real.family_name not in made
    assert real.email not in made
