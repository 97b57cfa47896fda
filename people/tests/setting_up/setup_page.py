"""How the tests of setting up a school ask and read."""

from datetime import date

from allauth.mfa.models import Authenticator
from django.urls import reverse

from people.tests.signing_in import show_factor

TODAY = date(2026, 10, 12)
SINCE = "2026-09-07"  # when roles of the factories begin

SETUP, SCHOOL, LIST = (
    reverse(f"people:{name}") for name in ("setup", "school_edit", "person_list")
)

IMPORT, PREVIEW = reverse("people:roster_import"), reverse("people:roster_preview")


def enter(client, person):
    """Sign in a moment ago, with the second factor that some roles ask for."""
    Authenticator.objects.create(user=person.user, type=Authenticator.Type.TOTP, data={})
    client.force_login(person.user)
    show_factor(client, person)
    return person


def said(response):
    return [str(message) for message in response.context["messages"]]


def bar(response):
    """What the undo bar says on the page that was reached."""
    shown = response.context["undo_bar"]
    return shown["sentence"] if shown else ""


def page(name, person, *more):
    return reverse(f"people:{name}", args=[person.uid, *more])
