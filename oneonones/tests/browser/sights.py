"""Every page, as whom it is looked at, and what is done there before."""

import re
from typing import NamedTuple

from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from people.tests.factories import (
    PASSWORD,
)
from scheduling.models import Booking

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


def shift(page):
    """Let the day be another."""
    page.get_by_role("radio", name="Day 4", exact=True).check()
    press("Save")(page)


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
        Sight("notes:meeting_ledger", "held_talk", act=more),
        Sight("notes:standing"),
        Sight("notes:note_list"),
        Sight("scheduling:schedule", act=more),
        Sight("scheduling:schedule", query="?place={leila_pairing}"),
        Sight("scheduling:schedule", query="?day=2&show=all&about=2-{period}"),
        Sight("scheduling:invite"),
        Sight("scheduling:invite", act=theirs),
        Sight("scheduling:invite", act=wrong),
        Sight("scheduling:where_edit"),
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
        Sight("scheduling:special_days"),
        Sight("scheduling:special_days", act=wrong),
        Sight("scheduling:special_days", act=fill("Save", starts_on="2026-12-01")),
        Sight("scheduling:week_list"),
        Sight("scheduling:week_edit", "week"),
        Sight("scheduling:lesson_import"),
        Sight("scheduling:lesson_import", act=wrong),
        Sight("scheduling:lesson_preview", act=upload(LESSONS)),
    ],
    "counter": [  # administers and hosts where the timetable goes by days, Day 1 to Day 10
        Sight("scheduling:calendar"),
        Sight("scheduling:weekdays_edit"),
        Sight("scheduling:closure_edit"),
        Sight("scheduling:bell_schedule_edit"),
        Sight("scheduling:week_list"),
        Sight("scheduling:day_edit", "day"),
        Sight("scheduling:day_edit", "day", act=wrong),
        Sight("scheduling:day_edit", "day", act=shift),
        Sight("scheduling:schedule"),
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
    "of two schools": [  # leads and administers both
        Sight("people:workplace_list"),
        Sight("people:setup", act=press("Work at Bayside School"), start="people:workplace_list"),
        Sight("scheduling:schedule"),
    ],
    "district": [  # administers the district, and is nothing else
        Sight("scheduling:district"),
        Sight("scheduling:district_school_add"),
        Sight("scheduling:district_school_add", act=wrong),
        Sight("people:workplace_list"),
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
    "people:enter", "people:undo", "people:workplace_choose",
    "people:person_invite", "people:role_end",
    "scheduling:term_delete", "scheduling:closure_delete", "scheduling:bell_schedule_delete",
    "scheduling:meeting_cancel", "scheduling:meeting_skip", "scheduling:meeting_restore",
    "scheduling:meeting_let_go", "scheduling:meeting_hold", "scheduling:meeting_miss",
    "scheduling:cells_paint", "scheduling:paint_undo", "scheduling:paint_redo",
    "scheduling:place_book", "scheduling:place_release", "scheduling:invitation_answer",
    "scheduling:pairing_end", "scheduling:pairing_pause", "scheduling:pairing_resume",
    "notes:note_save", "notes:note_finish",
    "notes:agreement_accept", "notes:agreement_decline", "notes:agreement_withdraw",
}  # fmt: skip
