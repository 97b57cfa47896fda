"""How the tests of the calendar ask and read."""

from allauth.mfa.models import Authenticator
from django.urls import reverse

CALENDAR = reverse("scheduling:calendar")

TERM = {
    "name": "Spring 2027",
    "starts_on": "2027-01-04",
    "ends_on": "2027-06-11",
    "school_year": "2027",
}

SNOW_DAY = {
    "name": "Snow day",
    "starts_on": "2026-10-13",
    "ends_on": "",
    "stops_meetings": "on",
    "stops_clock": "on",
}


def enter(client, person):
    """Sign somebody in who has set up their second factor."""
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(person.user)
    return client


def url(name, *arguments):
    return reverse(f"scheduling:{name}", args=arguments)


def pages(school):
    return [
        CALENDAR,
        url("weekdays_edit"),
        url("term_edit"),
        url("term_edit", school.terms.get().uid),
        url("closure_edit"),
        url("bell_schedule_edit"),
        url("bell_schedule_edit", school.bell_schedules.get().uid),
        url("week_list"),
        url("week_edit", "2026-09-21"),
        url("lesson_import"),
    ]


def told(response):
    return [str(message) for message in response.context["messages"]]
