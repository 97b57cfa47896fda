"""What people come for, done as they do it: by clicking, on a wide screen and on a phone."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from notes.models import AgreementVersion
from oneonones.demo.people import roster
from people.jobs import sweep_outbox
from people.models import Person
from scheduling.models import Booking, Closure, Meeting

from .conftest import TUESDAY

WORDS = "Tired, and glad about the choir."
PRIVATE = "Ask about her sister."
CONFIDED = "Nobody sits with her at lunch."


@pytest.fixture(params=[1280, 390])
def width(request):
    return request.param


@pytest.fixture
def enter(demo, open_page, width):
    """A browser in which somebody of the demo school is signed in."""

    def enter(key, **options):
        page = open_page(one(key).user, width=width, **options)
        page.goto("/")
        return page

    return enter


def one(key):
    return Person.objects.get(external_id=key)


def link(page, name):
    page.get_by_role("link", name=name).first.click()


def button(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def heading(page, name):
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def mail_to(mailoutbox, person):
    """The words of the newest mail to somebody."""
    return [mail.body for mail in mailoutbox if mail.to == [person.email]][-1]


def test_principal_paints_and_invites_teacher_picks_a_time_and_agrees(
    enter, demo, open_page, width, live_server, mailoutbox, settings
):
    settings.SITE_URL = live_server.url
    nadia = one("NP")

    principal = enter("EM")
    link(principal, "Schedule")
    paint(principal, "Wednesday, Before", width)
    expect(principal.locator('[data-where="Wednesday, Before"]')).to_have_attribute(
        "data-brush", "w"
    )
    link(principal, re.compile("^Invite"))
    link(principal, "Untick everybody")
    principal.get_by_role("checkbox", name=re.compile("Nadia Petrov")).check()
    button(principal, "Invite 1 person")
    expect(principal.locator("#undo")).to_contain_text("1 person is invited.")

    demo.shift(timedelta(seconds=61))
    sweep_outbox()
    teacher = open_page(width=width)
    teacher.goto(re.search(r"http\S+", mail_to(mailoutbox, nadia))[0])
    sign_in_by_code(teacher, nadia, mailoutbox)
    heading(teacher, "Pick a time with Elena")
    teacher.locator(".pick-slot", has_text="Before").click()
    button(teacher, "Book this time")
    heading(teacher, "Wednesdays, Before")
    button(teacher, "Yes, that is how we keep it")
    heading(teacher, "Wednesdays, Before")
    expect(teacher.get_by_text("You both said yes on")).to_be_visible()

    principal.reload()
    expect(principal.locator('[data-where="Wednesday, Before"]')).to_contain_text("Nadia Petrov")
    link(principal, "People")
    expect(principal.get_by_role("link", name=re.compile("Nadia Petrov"))).to_contain_text(
        "First talk: tomorrow at 7:30"
    )


def paint(page, where, width):
    if width < 768:
        link(page.locator(".daypick"), re.compile(where.split(",")[0]))
    page.locator(".brush-w").click()
    page.locator(f'[data-where="{where}"]').click()


def sign_in_by_code(page, person, mailoutbox):
    heading(page, "Sign in")
    link(page, "Send me a six-digit code")
    page.get_by_label("Email").fill(person.email)
    button(page, "Send me the code")
    heading(page, "Enter the code")
    page.get_by_role("textbox").fill(re.search(r"\b\d{6}\b", mail_to(mailoutbox, person))[0])
    button(page, "Continue")


def test_teacher_moves_and_skips_a_talk_and_takes_both_back(enter):
    page = enter("TF")
    link(page, "My one-on-ones")
    link(page, "Elena Marsh")
    link(page.locator("[aria-labelledby=coming-title]"), re.compile("9:00 to 9:30"))
    when = page.locator(".meet-head .meta")
    before = when.inner_text()

    link(page, "Move")
    page.locator("[aria-labelledby=nearest-title] button").first.click()
    expect(page.get_by_role("button", name="Close this message")).to_be_visible()  # keys work
    expect(when).not_to_have_text(before)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone.")).to_be_visible()
    assert when.inner_text().split() == before.split()

    button(page, "Nothing to talk about? Skip this one")
    expect(page.get_by_text("Skipped this time.")).to_be_visible()
    button(page, "Undo")
    expect(page.get_by_text("Undone.")).to_be_visible()
    expect(page.get_by_text("Skipped this time.")).to_have_count(0)


@pytest.fixture
def todays_talk(demo):
    """A talk of the principal's this afternoon, with somebody who has not been asked to agree."""
    talks = Meeting.objects.filter(pairing__host=one("EM")).upcoming(TUESDAY).in_order()
    agreed = AgreementVersion.objects.values("pairing")
    return talks.exclude(pairing__in=agreed).first()


def test_two_agree_and_a_note_is_shared_in_part(enter, todays_talk):
    teacher = todays_talk.pairing.attendee
    principal = enter("EM")
    link(principal, teacher.name)
    expect(principal.locator("#how-chip")).to_contain_text("Only you")

    reader = enter(teacher.external_id)
    link(reader, re.compile("^Elena"))
    link(reader, "Read the words and answer")
    button(reader, "Yes, that is how we keep it")
    expect(reader.get_by_text("You both said yes on")).to_be_visible()

    principal.reload()
    expect(principal.locator("#how-chip")).to_have_text(f"You and {teacher.first_name}")
    principal.get_by_label("How are you?", exact=True).fill(WORDS)
    expect(principal.locator("#saved")).to_contain_text("Saved")
    with principal.expect_response(lambda answer: "sister" in (answer.request.post_data or "")):
        principal.get_by_label("For my memory", exact=True).fill(PRIVATE)
    principal.reload()
    expect(principal.get_by_label("For my memory", exact=True)).to_have_value(PRIVATE)
    reader.goto(todays_talk.get_absolute_url())
    expect(reader.get_by_role("heading", name="Notes", exact=True)).to_be_visible()
    assert WORDS not in reader.content()  # a draft is the writer's

    button(principal, "Finish")
    expect(principal.get_by_text("The note is finished.")).to_be_visible()
    expect(principal.get_by_text("You met.")).to_be_visible()

    reader.reload()
    expect(reader.get_by_text(WORDS)).to_be_visible()
    assert PRIVATE not in reader.content()


def test_counselor_keeps_a_note_that_nobody_else_finds(enter, complaints):
    counselor = enter("JA")
    counselor.goto(reverse("notes:note_list"))
    link(counselor, "A student dropped in")
    counselor.get_by_label("Part of a name").fill("Hana M")
    button(counselor, "Find")
    counselor.get_by_label("Student").select_option(index=1)
    button(counselor, "Go to the note")
    counselor.get_by_label("What I noticed").fill(CONFIDED)
    expect(counselor.locator("#saved")).to_contain_text("Saved")
    expect(counselor.locator("#noticed-chip")).to_contain_text("Only you")
    button(counselor, "Finish")
    expect(counselor.get_by_text(CONFIDED)).to_be_visible()

    talk = Meeting.objects.get(pairing__attendee__external_id="S-hana-mori")
    hidden = [
        talk.get_absolute_url(),
        reverse("notes:meeting_notes", args=[talk.uid]),
        reverse("notes:agreement", args=[talk.pairing.uid]),
    ]
    shown = ["notes:note_list", "scheduling:people", "scheduling:today"]
    for key in ("EM", "RC", "DR"):
        page = enter(key)
        for path in hidden:
            assert page.goto(path).status == 404
        for name in shown:
            assert page.goto(reverse(name)).ok
            expect(page.get_by_text("Hana")).to_have_count(0)
        page.goto(reverse("people:find") + "?q=Hana+Mori")
        if page.get_by_role("link", name=re.compile("Hana Mori")).count():
            link(page, re.compile("Hana Mori"))
            expect(page.get_by_text("no one-on-ones")).to_be_visible()
        assert CONFIDED not in page.content()
    assert len(complaints) == 9
    assert all("404" in complaint for complaint in complaints)
    complaints.clear()


def test_administrator_imports_a_roster_and_closes_days(enter):
    page = enter("RC")
    heading(page, "Set-up")
    link(page, "Import a roster")
    line = b"V1,teacher,Vera,Lind,vera.lind@aldercreek.example,,Grade 1,,,,EM\r\n"
    file = {"name": "roster.csv", "mimeType": "text/csv", "buffer": roster(2026) + line}
    page.get_by_label("Roster file", exact=True).set_input_files(file)
    button(page, "Show what would change")
    heading(page, "What the roster would change")
    expect(page.get_by_text(re.compile("1 new, 0 changed, 0 ended"))).to_be_visible()
    assert not Person.objects.filter(given_name="Vera", family_name="Lind").exists()
    button(page, "Apply")
    expect(page.get_by_role("heading", name="What the roster would change")).to_have_count(0)
    assert Person.objects.filter(given_name="Vera", family_name="Lind").exists()

    link(page, "Calendar")
    link(page, "Add days")
    page.get_by_label("What it is").fill("Snow days")
    page.get_by_label("First day").fill("2026-10-20")
    page.get_by_label("Last day").fill("2026-10-20")
    button(page, "Save")
    expect(page.get_by_role("heading", name="Before this is saved")).to_be_visible()
    assert Closure.objects.count() == 1
    button(page, "Save, and close them")
    heading(page, "Calendar")
    expect(page.get_by_role("link", name="Snow days")).to_be_visible()


@pytest.mark.parametrize(
    ("role", "name", "title"),
    [
        ("Principal", "Elena Marsh", "Four conversations today"),
        ("Teacher", "Leila Haddad", "No conversations today"),
        ("Counselor", "Joyce Abara", re.compile("conversations today")),
        ("Administrator", "Ruth Calder", "Set-up"),
    ],
)
def test_demo_is_entered_with_one_click(demo, open_page, settings, width, role, name, title):
    settings.DEMO = True
    page = open_page(width=width)

    page.goto("/")
    page.get_by_role("button", name=f"{role} {name}").click()

    heading(page, title)
    page.locator("details.me summary").click()
    button(page, "Sign out")
    page.goto("/")
    heading(page, "Regular half hours, kept")


def test_everything_works_without_javascript(enter, width):
    principal, teacher = enter("EM", javascript=False), enter("LH", javascript=False)
    link(principal, "Schedule")
    if width < 768:
        link(principal.locator(".daypick"), re.compile("Wednesday"))
    principal.locator(".brush-w input").check(force=True)
    principal.locator('[data-where="Wednesday, Before"]').click()
    expect(principal.locator('[data-where="Wednesday, Before"]')).to_have_attribute(
        "data-brush", "w"
    )

    link(teacher, "Pick a time that suits you")
    teacher.locator(".pick-slot", has_text="Before").click()
    button(teacher, "Book this time")
    heading(teacher, "Wednesdays, Before")
    booking = Booking.objects.live().get(pairing__attendee=one("LH"))
    assert booking.meetings.upcoming(timezone.now()).count() > 5

    teacher.get_by_text("to come this term").click()
    link(teacher.locator("[aria-labelledby=dates-title]"), re.compile("7:30 to 8:00"))
    link(teacher, "Move")
    teacher.locator("[aria-labelledby=nearest-title] button").first.click()
    button(teacher, "Undo")
    expect(teacher.get_by_text("Undone.")).to_be_visible()

    link(teacher, "Notes of this talk")
    teacher.get_by_label("Going well", exact=True).fill(WORDS)
    button(teacher, "Save for later")
    expect(teacher.get_by_label("Going well", exact=True)).to_have_value(WORDS)
    button(teacher, "Finish")
    expect(teacher.get_by_text("The note is finished.")).to_be_visible()
    expect(teacher.get_by_text(WORDS)).to_be_visible()
