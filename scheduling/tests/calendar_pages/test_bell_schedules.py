"""Bell times as people write them."""

from datetime import time
from uuid import uuid4

import pytest

from scheduling.tests.calendar_pages.calendar_page import told, url
from scheduling.tests.factories import BELLS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def bells_form(school, **changes):
    """What the form of the school's bell schedule posts, with some answers changed."""
    fields = {"name": "Regular", "weekdays": list(school.weekdays)}
    for n, period in enumerate(school.periods.order_by("ordinal")):
        starts_at, ends_at = BELLS[period.name]
        fields |= {
            f"period_{n}": str(period.uid),
            f"name_{n}": period.name,
            f"starts_at_{n}": f"{starts_at:%H:%M}",
            f"ends_at_{n}": f"{ends_at:%H:%M}",
        }
    spare = {"period_10": "", "name_10": "", "starts_at_10": "", "ends_at_10": ""}
    return {**fields, **spare, **changes}


def test_bell_schedule_takes_times_as_people_write_them(client, school):
    address = url("bell_schedule_edit", school.bell_schedules.get().uid)
    fields = {"starts_at_1": "815", "ends_at_1": "8.50", "starts_at_7": "1.06 pm"}
    new = {"name_10": "Club", "starts_at_10": "3:30", "ends_at_10": "4"}

    response = client.post(address, bells_form(school, **fields, **new), follow=True)

    assert told(response) == ["Regular is saved."]
    times = {
        each.period.name: (each.starts_at, each.ends_at)
        for each in school.bell_schedules.get().times.select_related("period")
    }
    assert times["Period 1"] == (time(8, 15), time(8, 50))
    assert times["Period 6"][0] == time(13, 6)
    assert times["Club"] == (time(15, 30), time(16, 0))
    assert school.periods.order_by("ordinal").last().name == "Club"


def test_bell_schedule_form_shows_what_stands(client, school):
    response = client.get(url("bell_schedule_edit", school.bell_schedules.get().uid))

    assert 'value="1:05 pm"' in response.text
    assert response.text.count('name="name_') == len(BELLS) + 5 - 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "Enter a name, such as Regular."),
        ({"starts_at_1": "25:00"}, "Row 2, starts: enter a time, such as 8:10 or 1:05 pm."),
        ({"starts_at_1": "x" * 500}, "Row 2, starts: enter a time, such as 8:10 or 1:05 pm."),
        ({"starts_at_1": ""}, "Enter when Period 1 starts."),
        ({"ends_at_1": ""}, "Enter when Period 1 ends."),
        ({"ends_at_1": "8:00"}, "Period 1 ends before it starts."),
        ({"ends_at_1": "9:30"}, "Period 1 and Period 2 overlap."),
        ({"name_1": ""}, "Row 2: enter the period&#x27;s name."),
        ({"name_1": "Lunch"}, "There are two periods called Lunch."),
        ({"name_1": "x" * 41}, "A period&#x27;s name can have 40 letters at most."),
        ({"name_10": "Assembly"}, "Enter when Assembly starts."),
        ({"period_1": str(uuid4())}, "Period 1 is gone. Reload the page."),
        ({"weekdays": ["6"]}, "Choose school days."),
    ],
)
def test_bell_schedule_is_refused_in_words(client, school, changes, sentence):
    address = url("bell_schedule_edit", school.bell_schedules.get().uid)

    response = client.post(address, bells_form(school, **changes))

    assert response.status_code == 200
    assert sentence in response.text
    assert 'value="11:30"' in response.text
    assert school.bell_schedules.get().times.count() == len(BELLS)


def test_bell_schedule_with_a_doubled_row_is_refused(client, school):
    fields = bells_form(school)
    fields["period_1"] = fields["period_0"]

    response = client.post(url("bell_schedule_edit", school.bell_schedules.get().uid), fields)

    assert "A period stands in two rows." in response.text


def test_weekday_of_another_schedule_is_refused(client, school):
    fields = bells_form(school, name="Early release", weekdays=["3"])

    response = client.post(url("bell_schedule_edit"), fields)

    assert "A day can have one bell schedule. Regular is used" in response.text


def test_bell_schedule_is_deleted(client, school):
    client.post(url("bell_schedule_delete", school.bell_schedules.get().uid))

    assert not school.bell_schedules.exists()


def test_bell_schedule_says_all_that_is_wrong_at_once(client, school):
    changes = {"starts_at_1": "9:00", "ends_at_1": "8:30", "name_10": "Assembly"}

    response = client.post(url("bell_schedule_edit"), bells_form(school, **changes))

    assert "Period 1 ends before it starts." in response.text
    assert "Enter when Assembly starts." in response.text
    assert response.text.index("There is a problem") < response.text.index("<h1>")
