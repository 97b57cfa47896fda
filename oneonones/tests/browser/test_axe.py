"""Every page a person can see: axe has nothing against it, and nothing moves sideways."""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings as django_settings
from django.db import OperationalError
from django.urls import get_resolver, resolve, reverse
from playwright.sync_api import expect

from oneonones.tests.test_access import url_names
from people.mailbox import sent_mails
from people.models import Pairing, Person, School
from people.tests.factories import (
    PASSWORD,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)
from scheduling.models import Booking, Closure, Meeting, SchoolWeek, Term
from scheduling.tests.factories import SignUpFactory

from .conftest import HEIGHTS, LOOKS, TUESDAY, violations

pytestmark = pytest.mark.usefixtures("demo")


# ---- what is done on a page before it is looked at ----


def wrong(page):
    """Send the form with nothing in it."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
                const fields = "input:not([type=hidden]), textarea, select";
                const forms = [...document.querySelectorAll("main form[method=post]")];
                const form = forms.find(form => form.querySelector(fields));
                form.noValidate = true;
                for (const field of form.querySelectorAll(fields)) {
                    if (field.tagName === "SELECT") field.selectedIndex = -1;
                    else if (/^(checkbox|radio)$/.test(field.type)) field.checked = false;
                    else field.value = "";
                }
                form.requestSubmit();
            }"""
        )
    has_problem(page)


def has_problem(page):
    expect(page.locator("[data-error-summary]")).to_be_focused()


def press(name):
    """Press a button."""

    def act(page):
        with page.expect_navigation():
            page.get_by_role("button", name=name, exact=True).click()

    act.__doc__ = f"Press {name}."
    return act


def fill(button, **typed):
    """Type into fields, by their names, and press a button."""

    def act(page):
        for name, words in typed.items():
            page.locator(f"main [name='{name}']").first.fill(words)
        press(button)(page)

    act.__doc__ = f"Fill in and press {button}."
    return act


def upload(content):
    """Choose a file and send it."""

    def act(page):
        file = {"name": "file.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.locator("input[type=file]").set_input_files(file)
        with page.expect_navigation():
            page.locator("main form [type=submit]").click()

    return act


def more(page):
    """Open whatever is folded."""
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")


def menu(page):
    """Open one's own menu."""
    page.locator("details.me summary").click()


def undo_bar(page):
    """Do something that can be undone."""
    page.locator("details.more-of summary", has_text="More for this talk").click()
    press("Nothing to talk about? Skip this one")(page)
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()


def choose(page):
    """Choose a time."""
    page.locator(".pick-slot").first.click()
    expect(page.locator("#bookbar")).to_have_class(re.compile("is-chosen"))


def book_nothing(page):
    """Send the form before a time is chosen, which only works without script."""
    with page.expect_navigation():
        page.evaluate("document.querySelector('#times').requestSubmit()")
    has_problem(page)


def late(page):
    """Book a place that another has."""
    taken = Booking.objects.live().get(pairing__attendee__external_id="TF")
    choose(page)
    page.locator("[name=seat]:checked").evaluate(
        "(radio, uid) => { radio.value = uid; }", str(taken.seat.uid)
    )
    press("Book this time")(page)
    has_problem(page)


def book(page):
    """Book the first time."""
    choose(page)
    press("Book this time")(page)


def saved_note(page):
    """Write a line and wait until it is kept."""
    page.get_by_label("Going well", exact=True).fill("The science corner.")
    expect(page.locator("#saved")).to_contain_text("Saved")
    more(page)


def type_name(page):
    """Find somebody while typing."""
    page.get_by_label("Name", exact=True).fill("ca")
    expect(page.locator("#results a").first).to_be_visible()


def theirs(page):
    """Look at the letter as they see it."""
    page.get_by_role("button", name="See it as they do").click()
    expect(page.locator("#preview .letter").first).to_be_visible()


def code_of_app(page):
    """Enter what the app shows."""
    secret = page.locator("code.secret").text_content()
    counter = next(totp.yield_hotp_counters_from_time())
    page.locator("[name=code]").fill(totp.format_hotp_value(totp.hotp_value(secret, counter)))
    with page.expect_navigation():
        page.locator("main form [type=submit]").first.click()


def without_token(page):
    """Send a form that was made elsewhere."""
    page.evaluate("document.querySelector('main [name=csrfmiddlewaretoken]').remove()")
    press("Sign in")(page)


# ---- the pages ----


class Sight(NamedTuple):
    name: str  # the address; here is where one has to be at the end
    of: str = ""  # what its argument names, in `things`
    query: str = ""
    act: object = None
    status: int = 200
    start: str = ""  # where one comes from, if that is another address


BEGINNER = "beginner@harborview.example"
CAREFUL = "careful@harborview.example"
ROSTER = """\
external id,role,given name,family name,email,job
EM,leader,Elena,Marsh,elena.marsh@aldercreek.example,Principal
RC,administrator,Ruth,Calder,ruth.calder@aldercreek.example,
new,teacher,Vera,Lind,vera.lind@aldercreek.example,Grade 1
none,wizard,Ada,Wrong,,
"""
LESSONS = "day,period,teachers,subject\n1,Period 1,LH,English\n9,Period 1,LH,English\n"

SIGHTS = {
    "nobody": [
        Sight("people:welcome"),
        Sight("people:mail_list"),
        Sight("account_login"),
        Sight("account_login", act=wrong),
        Sight("account_request_login_code"),
        Sight("account_request_login_code", act=wrong),
        Sight("account_reset_password"),
        Sight("account_reset_password", act=wrong),
        Sight("account_reset_password_done"),
        Sight("account_reset_password_from_key", "key"),
        Sight("account_reset_password_from_key", "key", act=wrong),
        Sight("account_reset_password_from_key", "old key"),
        Sight("account_reset_password_from_key_done"),
        Sight("account_signup"),
        Sight("account_inactive"),
        Sight("account_email_verification_sent", status=404),
        Sight("account_confirm_email", "made-up", status=404),
        Sight("account_login", act=without_token, status=403),
        Sight(
            "account_confirm_login_code",
            act=fill("Send me the code", email="leila.haddad@aldercreek.example"),
        ),
        Sight("account_confirm_login_code", act=wrong),
        Sight("people:mail_list"),
        Sight("people:mail_detail", "mail"),
    ],
    "principal": [
        Sight("scheduling:today"),
        Sight("scheduling:today", query="?names=hide", act=menu),
        Sight("scheduling:people"),
        Sight("scheduling:people", query="?show=past_due"),
        Sight("scheduling:people", query="?show=without"),
        Sight("scheduling:person_page", "priya"),
        Sight("scheduling:person_page", "leila"),
        Sight("scheduling:person_page", "owen", query="?show=all"),
        Sight("scheduling:person_page", "ruth"),
        Sight("scheduling:person_page", "elena"),
        Sight("scheduling:talk_log", "priya_pairing"),
        Sight("scheduling:talk_log", "priya_pairing", act=wrong),
        Sight("scheduling:talk_plan", "priya_pairing"),
        Sight("scheduling:talk_plan", "priya_pairing", act=wrong),
        Sight("scheduling:meeting", "next_talk", act=more),
        Sight("scheduling:meeting", "yuki_talk", act=saved_note),
        Sight("scheduling:meeting", "held_talk", act=more),
        Sight("scheduling:meeting", "skipped_talk", act=more),
        Sight("scheduling:meeting", "missed_talk", act=more),
        Sight("scheduling:meeting_move", "next_talk", act=more),
        Sight("scheduling:meeting_move", "next_talk", act=wrong),
        Sight("scheduling:meeting_move_following", "next_talk"),
        Sight("scheduling:meeting", "tom_talk", act=undo_bar),
        Sight("scheduling:booked", "booking", act=more),
        Sight("notes:agreement", "priya_pairing", act=more),
        Sight("notes:agreement", "yuki_pairing"),
        Sight("notes:meeting_notes", "next_talk", act=more),
        Sight("notes:meeting_notes", "held_talk", query="?write=1", act=more),
        Sight("notes:standing"),
        Sight("notes:note_list"),
        Sight("scheduling:schedule", act=more),
        Sight("scheduling:schedule", query="?place={leila_pairing}"),
        Sight("scheduling:schedule", query="?day=2&show=all&about=2-{period}"),
        Sight("scheduling:invite"),
        Sight("scheduling:invite", act=theirs),
        Sight("scheduling:invite", act=wrong),
        Sight("people:find"),
        Sight("people:find", act=type_name),
        Sight("people:find", query="?q=nobody+at+all"),
        Sight("people:account"),
        Sight("people:account", act=press("Save")),
        Sight("account_logout"),
        Sight("scheduling:calendar", status=403),
        Sight("scheduling:meeting", "session", status=404),
    ],
    "teacher": [
        Sight("scheduling:today"),
        Sight("scheduling:people"),
        Sight("scheduling:person_page", "elena"),
        Sight("scheduling:sign_up", "leila_pairing", act=more),
        Sight("scheduling:sign_up", "leila_pairing", act=choose),
        Sight("scheduling:sign_up", "leila_pairing", query="?often=m"),
        Sight("scheduling:sign_up", "leila_pairing", act=book_nothing),
        Sight("scheduling:sign_up", "leila_pairing", act=late),
        Sight("scheduling:sign_up", "kwame_pairing", status=404),
        Sight("scheduling:booked", "leila_pairing", act=book, start="scheduling:sign_up"),
        Sight("notes:note_list"),
        Sight("account_set_password"),
        Sight("account_set_password", act=wrong),
        Sight("account_email"),
    ],
    "colleague": [
        Sight("scheduling:people"),
        Sight("scheduling:today"),
        Sight("notes:meeting_notes", "held_talk", act=more),
        Sight("scheduling:meeting", "next_talk", act=more),
    ],
    "invited": [
        Sight("scheduling:pick"),
        Sight("scheduling:sign_up", "closed_pairing"),
    ],
    "counselor": [
        Sight("scheduling:today"),
        Sight("scheduling:people"),
        Sight("scheduling:pick"),
        Sight("scheduling:person_page", "elias"),
        Sight("scheduling:schedule"),
        Sight("scheduling:meeting", "session", act=more),
        Sight("notes:agreement", "elias_pairing"),
        Sight("notes:standing"),
        Sight("notes:student_note"),
        Sight("notes:student_note", act=wrong),
        Sight("notes:student_note", query="?find=nobody"),
        Sight("notes:note_list"),
    ],
    "administrator": [
        Sight("people:setup"),
        Sight("people:school_edit"),
        Sight("people:school_edit", act=wrong),
        Sight("people:roster_import"),
        Sight("people:roster_import", act=wrong),
        Sight("people:roster_preview", act=upload(ROSTER)),
        Sight("people:person_list"),
        Sight("people:person_list", query="?q=nobody"),
        Sight("people:person_edit", "priya"),
        Sight("people:person_edit", "priya", act=wrong),
        Sight("people:role_give", "priya"),
        Sight("people:role_give", "priya", act=wrong),
        Sight("people:person_end", "priya"),
        Sight("scheduling:calendar"),
        Sight("scheduling:weekdays_edit"),
        Sight("scheduling:weekdays_edit", act=wrong),
        Sight("scheduling:term_edit"),
        Sight("scheduling:term_edit", act=wrong),
        Sight("scheduling:term_edit", "term"),
        Sight("scheduling:closure_edit"),
        Sight("scheduling:closure_edit", act=wrong),
        Sight(
            "scheduling:closure_edit",
            act=fill("Save", name="Snow", starts_on="2026-10-20", ends_on="2026-10-20"),
        ),
        Sight("scheduling:closure_edit", "closure"),
        Sight("scheduling:bell_schedule_edit"),
        Sight("scheduling:bell_schedule_edit", act=wrong),
        Sight("scheduling:bell_schedule_edit", "bells"),
        Sight("scheduling:week_list"),
        Sight("scheduling:week_edit", "week"),
        Sight("scheduling:lesson_import"),
        Sight("scheduling:lesson_import", act=wrong),
        Sight("scheduling:lesson_preview", act=upload(LESSONS)),
    ],
    "careful": [
        Sight("mfa_authenticate", act=fill("Sign in", login=CAREFUL, password=PASSWORD)),
        Sight("mfa_authenticate", act=wrong),
    ],
    "beginner": [  # leads and administers a school of which nothing is there yet
        Sight("mfa_activate_totp", act=fill("Sign in", login=BEGINNER, password=PASSWORD)),
        Sight("mfa_activate_totp", act=wrong),
        Sight("mfa_view_recovery_codes", act=code_of_app),
        Sight("mfa_view_recovery_codes"),
        Sight("mfa_generate_recovery_codes"),
        Sight("mfa_index"),
        Sight("mfa_deactivate_totp"),
        Sight("mfa_reauthenticate"),
        Sight("mfa_reauthenticate", act=wrong),
        Sight("account_reauthenticate"),
        Sight("account_reauthenticate", act=wrong),
        Sight("account_change_password"),
        Sight("account_change_password", act=wrong),
        Sight("scheduling:today"),
        Sight("scheduling:people"),
        Sight("scheduling:schedule"),
        Sight("scheduling:invite"),
        Sight("scheduling:calendar"),
        Sight("people:setup"),
        Sight("people:person_list"),
    ],
    "newcomer": [  # hosts, and has painted nothing yet
        Sight("scheduling:today"),
        Sight("scheduling:schedule"),
        Sight("scheduling:invite"),
        Sight("notes:student_note", status=403),
    ],
}

WITHOUT_PAGE = {
    # for machines and for files
    "healthz", "readyz", "scheduling:booking_calendar", "mfa_download_recovery_codes",
    # lead elsewhere
    "home",
    # take something and lead back
    "people:enter", "people:undo", "people:person_invite", "people:role_end",
    "scheduling:term_delete", "scheduling:closure_delete", "scheduling:bell_schedule_delete",
    "scheduling:meeting_cancel", "scheduling:meeting_skip", "scheduling:meeting_restore",
    "scheduling:meeting_let_go", "scheduling:meeting_hold", "scheduling:meeting_miss",
    "scheduling:cells_paint", "scheduling:paint_undo", "scheduling:paint_redo",
    "scheduling:place_book", "scheduling:place_release", "scheduling:invitation_answer",
    "notes:note_save", "notes:note_finish",
    "notes:agreement_accept", "notes:agreement_decline", "notes:agreement_withdraw",
}  # fmt: skip


def test_every_page_is_looked_at():
    seen = {sight.name for sights in SIGHTS.values() for sight in sights}

    assert seen | WITHOUT_PAGE == set(url_names(get_resolver()))
    assert not seen & WITHOUT_PAGE


def one(key):
    return Person.objects.get(external_id=key)


def pairing(key):
    return Pairing.objects.get(attendee__external_id=key, host__external_id__in=("EM", "JA"))


def talk(key, *, status="planned"):
    """The next talk that is planned, or the last of those that ended so."""
    talks = Meeting.objects.filter(pairing=pairing(key), status=status).in_order()
    if status == "planned":
        return talks.upcoming(TUESDAY).first()
    return talks.last()


def key_for_password(user):
    return [user_pk_to_url_str(user), default_token_generator.make_token(user)]


THINGS = {
    "bells": lambda: School.objects.get(is_demo=True).bell_schedules.get().uid,
    "booking": lambda: pairing("PN").bookings.live().get().uid,
    "closed_pairing": lambda: Pairing.objects.filter(attendee__email=CAREFUL).last().uid,
    "closure": lambda: Closure.objects.get().uid,
    "elena": lambda: one("EM").uid,
    "elias": lambda: one("S-elias-kowal").uid,
    "elias_pairing": lambda: pairing("S-elias-kowal").uid,
    "held_talk": lambda: talk("PN", status="held").uid,
    "key": lambda: key_for_password(one("LH").user),
    "kwame_pairing": lambda: pairing("KA").uid,
    "leila": lambda: one("LH").uid,
    "leila_pairing": lambda: pairing("LH").uid,
    "made-up": lambda: "made-up",
    "mail": lambda: sent_mails(django_settings.EMAIL_FILE_PATH)[0].key,
    "missed_talk": lambda: talk("OP", status="missed").uid,
    "next_talk": lambda: talk("PN").uid,
    "old key": lambda: [user_pk_to_url_str(one("LH").user), "old"],
    "owen": lambda: one("OP").uid,
    "period": lambda: pairing("PN").bookings.live().get().seat.slot.period.uid,
    "priya": lambda: one("PN").uid,
    "priya_pairing": lambda: pairing("PN").uid,
    "ruth": lambda: one("RC").uid,
    "session": lambda: talk("S-elias-kowal", status="held").uid,
    "skipped_talk": lambda: talk("TF", status="skipped").uid,
    "term": lambda: Term.objects.get(school__is_demo=True).uid,
    "tom_talk": lambda: talk("TF").uid,
    "week": lambda: str(SchoolWeek.objects.latest("starts_on").starts_on),
    "yuki_pairing": lambda: pairing("YT").uid,
    "yuki_talk": lambda: talk("YT").uid,
}


@pytest.fixture
def visitors(demo, settings, tmp_path):
    """Who looks. The demo can be entered, and its mails go where they can be read."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    school = School.objects.get(is_demo=True)
    beginner = PersonFactory(
        leader=True, school=SchoolFactory(name="Harbor View School"), email=BEGINNER
    )
    RoleFactory(person=beginner, school=beginner.roles.get().school, administrator=True)
    return {
        "nobody": None,
        "beginner": None,  # signs in
        "careful": None,
        "principal": one("EM").user,
        "teacher": one("LH").user,
        "colleague": one("PN").user,
        "invited": asked_by_others(school),
        "counselor": one("JA").user,
        "administrator": one("RC").user,
        "newcomer": PersonFactory(leader=True, school=school).user,
    }


def asked_by_others(school):
    """Somebody whom two leaders have asked, one of whom offers nothing any more; a second step."""
    person = PersonFactory(teacher=True, school=school, email=CAREFUL)
    for closed in (False, False, True):
        host = PersonFactory(leader=True, school=school)
        SignUpFactory(host=host, term=school.terms.get(), closed=closed)
        PairingFactory(school=school, host=host, attendee=person, invited_at=TUESDAY, weekly=True)
    totp.TOTP.activate(person.user, totp.generate_totp_secret())
    return person.user


@pytest.mark.parametrize("who", SIGHTS)
def test_every_page(who, visitors, open_page, complaints):
    page = open_page(visitors[who])
    page.on("response", lambda response: is_kept(response) and kept.append(response.url))
    kept, trouble = [], []

    for sight in SIGHTS[who]:
        go(page, sight, complaints)
        trouble += [f"{sight.name} {sight.query}, {each}" for each in wrongs(page)]

    assert trouble == []
    assert kept == []


def is_kept(response):
    """Whether a browser may keep a page."""
    is_page = response.request.is_navigation_request()
    return is_page and "no-store" not in response.headers.get("cache-control", "")


def go(page, sight, complaints):
    """To a page as a person would come to see it."""
    address = sight.start or sight.name
    of = THINGS[sight.of]() if sight.of else []
    things = {name: thing() for name, thing in THINGS.items() if f"{{{name}}}" in sight.query}
    path = reverse(address, args=of if isinstance(of, list) else [of])
    response = page.goto(path + sight.query.format(**things))
    if sight.act:
        sight.act(page)
    else:
        assert response.status == sight.status, path
    if sight.status != 200:
        [complaint] = complaints
        assert f"status of {sight.status}" in complaint
        complaints.clear()
    here = urlsplit(page.url).path
    assert sight.name == resolve(here).view_name or here == path


def wrongs(page):
    """What is wrong with a page in any theme and width."""
    if page.locator("[hx-trigger=load]").count():  # a piece that comes by itself
        page.wait_for_load_state("networkidle")
    if page.locator("h1").count() != 1:
        yield "not one h1"
    for theme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
        look = f"{theme} {width}: "
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield look + "moves sideways"
        yield from (look + each for each in violations(page))
    page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})


def too_much(page):
    """Send a form that is longer than any of ours."""
    with page.expect_navigation():
        page.evaluate(
            """() => {
                const form = document.querySelector("main form[method=post]");
                for (let n = 0; n < 1001; n++) form.append(Object.assign(
                    document.createElement("input"), {type: "hidden", name: "n" + n}));
                form.submit();
            }"""
        )


@pytest.mark.parametrize("fault", [RuntimeError, OperationalError])
def test_pages_of_trouble(fault, demo, open_page, complaints, monkeypatch):
    def broken(*args):
        raise fault

    page = open_page(one("EM").user)
    monkeypatch.setattr(Meeting, "is_upcoming", broken)

    assert page.goto(reverse("scheduling:meeting", args=[talk("PN").uid])).status >= 500
    assert list(wrongs(page)) == []
    complaints.clear()


def test_page_of_what_is_not_understood(demo, page, complaints):
    page.goto(reverse("account_login"))
    too_much(page)

    assert "400" in complaints.pop()
    assert list(wrongs(page)) == []


def test_what_is_wrong_is_seen(demo, page):
    page.goto(reverse("account_login"))
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        """ '<img src="/static/img/mark.svg" width="2000"><h1>Again</h1>')"""
    )

    seen = list(wrongs(page))

    assert seen[0] == "not one h1"
    theme, width = LOOKS[-1]
    assert f"{theme} {width}: moves sideways" in seen
    assert any(f"{theme} {width}: image-alt" in each for each in seen)
