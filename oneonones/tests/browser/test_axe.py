"""Every page a person can see: axe has nothing against it, and nothing moves sideways."""

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings as django_settings
from django.db import OperationalError
from django.urls import get_resolver, resolve, reverse

from notes.tests.factories import hold_on
from oneonones.tests.test_access import url_names
from people import uploads
from people.actions import ask_to_move, end_person, refuse_move, set_last_day, start_import
from people.adapters import factors_of
from people.demo import demo_school
from people.mailbox import sent_mails
from people.models import Pairing, Person, School
from people.tests.factories import (
    MembershipFactory,
    PairingFactory,
    PersonFactory,
    RoleFactory,
    SchoolFactory,
)
from people.tests.openid import OpenIDServer
from scheduling.models import CalendarSource, Closure, Meeting, SchoolDay
from scheduling.tests.factories import (
    InvitationFactory,
    SignUpFactory,
    school_with_calendar,
)

from .conftest import HEIGHTS, LOOKS, OF_COLOR, OF_SIZE, TUESDAY, violations
from .sights import BEGINNER, CAREFUL, SIGHTS, WITHOUT_PAGE

pytestmark = pytest.mark.usefixtures("demo")


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
    "coached": lambda: Pairing.objects.get(kind=Pairing.Kind.COACHING).uid,
    "coached_talk": lambda: Meeting.objects.get(pairing__kind=Pairing.Kind.COACHING).uid,
    "creek_bay": lambda: School.objects.get(name="Creek Bay School").uid,
    "bells": lambda: demo_school().bell_schedules.get().uid,
    "booking": lambda: pairing("PN").bookings.live().get().uid,
    "closed_pairing": lambda: Pairing.objects.filter(attendee__email=CAREFUL).last().uid,
    "closure": lambda: Closure.objects.get().uid,
    "day": lambda: str(SchoolDay.objects.filter(school__rotation_days=10).earliest("date").date),
    "elena": lambda: one("EM").uid,
    "elias": lambda: one("S-elias-kowal").uid,
    "elias_pairing": lambda: pairing("S-elias-kowal").uid,
    "gone": lambda: long_gone(demo_school()).uid,
    "google": lambda: "google",
    "held_talk": lambda: talk("PN", status="held").uid,
    "hold": lambda: hold_on(demo_school(), one("OP"), agreed=False).uid,
    "key": lambda: key_for_password(one("LH").user),
    "kwame_pairing": lambda: pairing("KA").uid,
    "leila": lambda: one("LH").uid,
    "leila_pairing": lambda: pairing("LH").uid,
    "lessons": lambda: [demo_school().terms.get().uid, "lessons"],
    "look at it as Priya": lambda: [talk("PN", status="held").uid, "other"],
    "look at it as the office": lambda: [talk("PN", status="held").uid, "office"],
    "look at it as the manager": lambda: [THINGS["coached_talk"](), "manager"],
    "made-up": lambda: "made-up",
    "mail": lambda: sent_mails(django_settings.EMAIL_FILE_PATH)[0].key,
    "missed_talk": lambda: talk("OP", status="missed").uid,
    "moving": lambda: moving(demo_school()).uid,
    "moved": lambda: moved(demo_school()).uid,
    "next_talk": lambda: talk("PN").uid,
    "old key": lambda: [user_pk_to_url_str(one("LH").user), "old"],
    "owen": lambda: one("OP").uid,
    "passkey": lambda: [Authenticator.objects.get(type="webauthn").pk],
    "period": lambda: pairing("PN").bookings.live().get().seat.slot.period.uid,
    "priya": lambda: one("PN").uid,
    "priya_pairing": lambda: pairing("PN").uid,
    "priya_role": lambda: [one("PN").uid, "teacher", one("PN").roles.get().starts_on.isoformat()],
    "run": lambda: (
        start_import(by=None, at=TUESDAY, school=demo_school(), upload_key=uploads.keep(b"zip")).uid
    ),
    "ruth": lambda: one("RC").uid,
    "session": lambda: talk("S-elias-kowal", status="held").uid,
    "skipped_talk": lambda: talk("TF", status="skipped").uid,
    "term": lambda: demo_school().terms.get().uid,
    "tom_talk": lambda: talk("TF").uid,
    "week": lambda: str(demo_school().weeks.latest("starts_on").starts_on),
    "without_host": lambda: without_host_at(demo_school()).uid,
    "yuki_pairing": lambda: pairing("YT").uid,
    "yuki_talk": lambda: talk("YT").uid,
}


@pytest.fixture
def visitors(demo, settings, tmp_path):
    """Who looks. The demo can be entered, and its mails go where they can be read."""
    settings.DEMO = True
    settings.SINGLE_SIGN_ON = [OpenIDServer.app_of("https://accounts.google.example")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path
    school = demo_school()
    CalendarSource.objects.create(
        school=school,
        host="calendar.aldercreek.example",
        tried_at=TUESDAY,
        looked_at=TUESDAY - timedelta(days=1),
        failed_since=TUESDAY,
        error="calendar.aldercreek.example answers with error 500. Try again later.",
        new_count=2,
        news_since=TUESDAY - timedelta(days=1),
    )
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
        "coach": one("SW").user,
        "counselor": one("JA").user,
        "administrator": one("RC").user,
        "of two schools": of_two_schools(school),
        "district": of_the_district(school),
        "counter": counter(),
        "leaver": leaver(school),
        "moving": moving(school).user,
        "newcomer": PersonFactory(leader=True, school=school).user,
    }


def of_two_schools(school):
    """Somebody who leads and administers the demo school, and another of which nothing is there."""
    person = PersonFactory(leader=True, school=school)
    other = SchoolFactory(name="Bayside School", demo=True)
    RoleFactory(person=person, school=other, leader=True)
    for each in (school, other):
        RoleFactory(person=person, school=each, administrator=True)
    return person.user


def of_the_district(school):
    """Who administers the district; one of its schools has no administrator yet."""
    SchoolFactory(name="Creek Bay School", demo=True)
    return PersonFactory(district_administrator=True, school=school).user


def leaver(school):
    """A leader who counsels as well, meets people for both, and leaves on Friday."""
    person = PersonFactory(leader=True, school=school)
    RoleFactory(person=person, school=school, counselor=True)
    PairingFactory.create_batch(2, school=school, host=person)
    PairingFactory(school=school, counseling=True, host=person)
    MembershipFactory(group__school=school, person=person, is_adult=True)
    friday = school.today(TUESDAY) + timedelta(days=3)
    set_last_day(person, school, last_day=friday, by=one("RC"), at=TUESDAY)
    return person.user


def moved(school):
    """A teacher who signs in with an address that is not on their record any more."""
    person = PersonFactory(teacher=True, school=school)
    person.user.email, person.user.last_login = f"old.{person.email}", TUESDAY
    person.user.save()
    return person


def moving(school):
    """One whose sign-in another administrator has asked to move, and who has said no to it once."""
    person, ruth = moved(school), one("RC")
    ask_to_move(person, by=ruth, at=TUESDAY)
    refuse_move(by=person, at=TUESDAY)
    other = PersonFactory(administrator=True, school=school)
    other.user.last_login = TUESDAY
    other.user.save()
    ask_to_move(person, by=other, at=TUESDAY)
    return person


def long_gone(school):
    """A teacher who left in September."""
    return PersonFactory(
        teacher=True, school=school, role__ends_on=date(2026, 9, 30), is_active=False
    )


def without_host_at(school):
    """Somebody whose host has left."""
    first, *_ = PairingFactory.create_batch(
        2, school=school, host=PersonFactory(leader=True, school=school)
    )
    end_person(first.host, school, by=one("RC"), at=TUESDAY)
    return first


def counter():
    """An administrator who hosts, at a school that counts days."""
    school = school_with_calendar(name="Ten Day School", rotation_days=10, is_demo=True)
    person = PersonFactory(leader=True, school=school)
    RoleFactory(person=person, school=school, administrator=True)
    return person.user


def asked_by_others(school):
    """Somebody whom two leaders have asked, one of whom offers nothing any more; a second step."""
    person = PersonFactory(teacher=True, school=school, email=CAREFUL)
    for closed in (False, False, True):
        host = PersonFactory(leader=True, school=school)
        sign_up = SignUpFactory(host=host, term=school.terms.get(), closed=closed)
        InvitationFactory(sign_up=sign_up, pairing__attendee=person, pairing__cadence="weekly")
    with factors_of(person.user):
        totp.TOTP.activate(person.user, totp.generate_totp_secret())
    return person.user


@pytest.mark.parametrize("who", SIGHTS)
def test_every_page(who, visitors, open_page, complaints):
    page = open_page(visitors[who])
    page.on("response", lambda response: is_kept(response) and kept.append(response.url))
    kept, trouble = [], []

    for number, sight in enumerate(SIGHTS[who]):
        go(page, sight, complaints)
        found = wrongs(page, shell_is_known=number > 0)
        trouble += [f"{sight.name} {sight.query}, {each}" for each in found]

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


def wrongs(page, *, shell_is_known=False):
    """What is wrong with a page in any theme and width; what frames all pages is looked at once."""
    if page.locator("[hx-trigger=load]").count():  # a piece that comes by itself
        page.wait_for_load_state("networkidle")
    if page.locator("h1").count() != 1:
        yield "not one h1"
    seen = set()
    for theme, width in LOOKS:
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
        look = f"{theme} {width}: "
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            yield look + "moves sideways"
        # A layout shows and hides; a theme colors what is shown; a width only moves it
        layout, colors = layout_of(width), (layout_of(width), theme)
        rules = OF_COLOR * (colors not in seen) + OF_SIZE * (width not in seen)
        if layout not in seen or rules:
            narrowed = layout in seen
            found = violations(
                page,
                rules=rules if narrowed else (),
                within="main" if narrowed and shell_is_known else None,
            )
            yield from (look + each for each in found)
        seen |= {layout, colors, width}
    page.set_viewport_size({"width": 1280, "height": HEIGHTS[1280]})


def layout_of(width):
    """Phones have one layout (see test_design.py)."""
    return "phone" if width <= 390 else "wide"


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
        """ '<img src="/static/img/mark.svg" width="2000"><h1>Again</h1>'"""
        """ + '<font color="#333333">In the dark</font>')"""
    )

    seen = list(wrongs(page))

    assert seen[0] == "not one h1"
    theme, width = LOOKS[-1]
    assert f"{theme} {width}: moves sideways" in seen
    assert all(any(f"{each}: image-alt" in line for line in seen) for each in (1280, 390))
    for width in (1280, 390):
        assert any(f"dark {width}: color-contrast" in each for each in seen) == (
            ("dark", width) in LOOKS
        )
    assert not any("light" in each and "color-contrast" in each for each in seen)
