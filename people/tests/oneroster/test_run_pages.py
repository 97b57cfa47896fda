"""The pages of an import: choosing, watching, saying yes, stopping, reading once more."""

import io
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from conftest import NOW
from people import importing, jobs, uploads
from people.models import ImportRun, Role, School
from people.tests.factories import PersonFactory, SchoolFactory

from .bundles import changed, without, zipped
from .runs import fresh, shown, silent, start, yes

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=10)

IMPORT = reverse("people:oneroster_import")


def page(run, name="import_run"):
    return reverse(f"people:{name}", args=[run.uid])


@pytest.fixture
def signed_in(client, ada, now, settings):
    client.force_login(ada.user)
    ada.roles.get().school.is_demo = True
    School.objects.update(is_demo=True)  # no second factor here
    return client


def test_page_takes_a_zip_shows_it_and_applies_it(signed_in, school, tmp_path):
    upload = tmp_path / "files.zip"
    upload.write_bytes(zipped())
    with upload.open("rb") as file:
        response = signed_in.post(IMPORT, {"file": file})
    run = ImportRun.objects.get()
    assert response.url == page(run)

    response = signed_in.get(page(run))
    assert "Elena Marsh" in response.text
    assert "5 new, 0 changed, 0 ended" in response.text
    assert "Terms: Fall 2026, 7 September to 18 December 2026." in response.text
    response = signed_in.post(page(run), {"digest": run.digest}, follow=True)

    assert "The roster is in" in response.text
    assert fresh(run).state == "done"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"hello", "This is not a zip file"), (b"", "The file is empty.")],
)
def test_page_refuses_what_is_no_zip_and_keeps_nothing(signed_in, tmp_path, content, sentence):
    upload = tmp_path / "files.zip"
    upload.write_bytes(content)
    with upload.open("rb") as file:
        response = signed_in.post(IMPORT, {"file": file})

    assert sentence in response.text
    assert ImportRun.objects.count() == 0
    assert not list((tmp_path / "imports").glob("*"))


def test_page_refuses_what_is_too_large_before_it_reads_it(signed_in):
    class Unread(io.BytesIO):
        def read(self, *args):
            raise AssertionError("the body was read")

    response = signed_in.generic(
        "POST",
        IMPORT,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2 << 30),
        **{"wsgi.input": Unread()},
    )

    assert response.status_code == 413
    assert "The file is larger than 200 MB." in response.text


def test_page_asks_for_the_token(ada, now):
    client = Client(enforce_csrf_checks=True)
    School.objects.update(is_demo=True)
    client.force_login(ada.user)

    assert client.post(IMPORT, {}).status_code == 403


def _lasting(element):
    """A piece of a page without its token, which is new each time."""
    element.find("input", {"name": "csrfmiddlewaretoken"}).decompose()
    return str(element)


def test_page_polls_while_a_worker_works_and_reloads_afterwards(signed_in, ada, school):
    run = start(ada, school)
    uploads.tell(run.upload_key, '["users", 12000, 0]')

    whole = signed_in.get(page(run))
    part = signed_in.get(page(run), headers={"HX-Request": "true"})

    assert "Reading users.csv, 12,000 rows." in part.text
    fragment = BeautifulSoup(part.text, "html.parser").find(id="state")
    assert _lasting(fragment) == _lasting(BeautifulSoup(whole.text, "html.parser").find(id="state"))
    importing.work_on(run, at=LATER)
    silent(run) if fresh(run).state == "reading" else None
    jobs.sweep_imports()
    part = signed_in.get(page(run), headers={"HX-Request": "true"})
    assert part.headers["HX-Refresh"] == "true"


def test_page_stops_a_worker_and_what_waits(signed_in, ada, school):
    run = start(ada, school)
    response = signed_in.post(page(run, "import_stop"), follow=True)
    assert "It is being stopped." in response.text
    jobs.sweep_imports()
    assert fresh(run).state == "stopped"

    run = shown(ada, school)
    response = signed_in.post(page(run, "import_stop"), follow=True)
    assert "The import was stopped" in response.text


def test_page_says_why_it_was_refused_and_reads_once_more(signed_in, ada, school):
    run = shown(ada, school)
    other = shown(ada, school, files=changed("Sue,Elm", "Susan,Elm"))
    importing.work_on(yes(other, ada), at=NOW)
    response = signed_in.post(page(run), {"digest": run.digest}, follow=True)
    assert "Something changed since this was shown." in response.text

    response = signed_in.post(page(run, "import_again"), follow=True)

    assert "What the files would change" in response.text


def test_page_asks_about_many_leavers(signed_in, ada, school):
    importing.work_on(yes(shown(ada, school), ada), at=NOW)
    run = shown(ada, school, files=without("S1,", "E2,"))

    response = signed_in.post(page(run), {"digest": run.digest})

    assert "Yes, these 2 people have left" in response.text
    assert "Confirm that these people have left" in response.text
    response = signed_in.post(page(run), {"digest": run.digest, "ends_many": "on"}, follow=True)
    assert "The roster is in" in response.text


def test_page_of_another_schools_run_is_not_there(signed_in):
    run = start(None, SchoolFactory())

    assert signed_in.get(page(run)).status_code == 404
    assert signed_in.post(page(run, "import_stop")).status_code == 404


def test_administrator_of_the_district_imports_for_all_schools(client, school, now, tmp_path):
    School.objects.update(is_demo=True)  # no second factor here
    dora = PersonFactory()
    dora.roles.create(school=school, kind=Role.Kind.DISTRICT_ADMIN, starts_on=NOW.date())
    client.force_login(dora.user)
    upload = tmp_path / "files.zip"
    upload.write_bytes(zipped())

    with upload.open("rb") as file:
        response = client.post(IMPORT, {"file": file}, follow=True)

    assert "New school" in response.text
    run = ImportRun.objects.get()
    response = client.post(page(run), {"digest": run.digest}, follow=True)
    assert "The roster is in" in response.text
    assert School.objects.filter(name="Bay Middle").exists()


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_imports_asks_the_same_number_of_questions(
    signed_in, ada, school, count, django_assert_max_num_queries
):
    for _ in range(count):
        start(ada, school)

    with django_assert_max_num_queries(12) as captured:
        response = signed_in.get(IMPORT)

    assert len(response.context["runs"]) == count
    assert len(captured) == 7
