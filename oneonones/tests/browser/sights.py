"""Every page, as whom it is looked at, and what is done there before."""

from typing import NamedTuple

from people.tests.factories import PASSWORD
from people.tests.oneroster.bundles import UNTIDY, zipped

from .acts import (
    book,
    book_nothing,
    choose,
    code_of_app,
    fill,
    in_turn,
    late,
    menu,
    more,
    press,
    saved_note,
    shift,
    theirs,
    type_name,
    undo_bar,
    upload,
    without_token,
    wrong,
)


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
UNTIS = '1;"5a";"XX";"Math";"R1";1;1;;\r\n2;"5b";"LH";"Math";"R1";2;1;;\r\n'
ICALENDAR = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20260907T081000\r\nDURATION:PT45M\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)
DAYS = (
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Teachers' Planning Day\r\n"
    "DTSTART;VALUE=DATE:20261201\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n"
    "SUMMARY:Picture Day\r\nDTSTART;VALUE=DATE:20261103\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:Bake sale\r\nDTSTART:20261104T140000\r\nEND:VEVENT\r\n"
    "BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Broken holiday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
LESSONS = "day,period,teachers,subject\n1,Period 1,LH,English\n9,Period 1,LH,English\n"
BELLS = "schedule,period,start,end\nDrill,Period 1,9:00,9:30\nDrill,Period 2,9:10,9:40\n"

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
        Sight("scheduling:clash_list"),
        Sight("scheduling:timetable"),
        Sight("scheduling:timetable", act=wrong),
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
        Sight("people:oneroster_import"),
        Sight("people:oneroster_import", act=wrong),
        Sight("people:import_run", "run"),
        Sight("people:import_run", start="people:oneroster_import", act=upload(zipped(UNTIDY))),
        Sight(
            "people:import_run",
            start="people:oneroster_import",
            act=upload(zipped({"orgs": "sourcedId,name,type"})),
        ),
        Sight("people:person_list"),
        Sight("people:person_list", query="?q=nobody"),
        Sight("people:person_edit", "priya"),
        Sight("people:person_edit", "priya", act=wrong),
        Sight("people:person_list", query="?show=left"),
        Sight("people:person_add"),
        Sight("people:person_add", act=wrong),
        Sight("people:role_edit", "priya_role"),
        Sight("people:role_edit", "priya_role", act=wrong),
        Sight("people:leave_give", "priya"),
        Sight("people:leave_give", "priya", act=wrong),
        Sight("people:group_join", "priya"),
        Sight("people:group_join", "priya", act=wrong),
        Sight("people:role_give", "priya"),
        Sight("people:role_give", "priya", act=wrong),
        Sight("people:person_end", "priya"),
        Sight("people:last_day", "priya"),
        Sight("people:last_day", "priya", act=wrong),
        Sight(
            "people:hand_over",
            "elena",
            start="people:last_day",
            act=fill("Save, and choose who takes over", last_day="2026-12-18"),
        ),
        Sight("people:hand_over", "elena"),
        Sight("people:person_edit", "elena"),
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
        Sight("scheduling:closure_import"),
        Sight("scheduling:closure_import", act=wrong),
        Sight("scheduling:closure_preview", start="scheduling:closure_import", act=upload(DAYS)),
        Sight(
            "scheduling:closure_preview",
            start="scheduling:closure_import",
            act=in_turn(upload(DAYS.replace("20261201", "20261020")), press("Save these days")),
        ),
        Sight("scheduling:bell_schedule_edit"),
        Sight("scheduling:bell_schedule_edit", act=wrong),
        Sight("scheduling:bell_schedule_edit", "bells"),
        Sight("scheduling:bell_import"),
        Sight("scheduling:bell_import", act=wrong),
        Sight("scheduling:bell_preview", act=upload(BELLS)),
        Sight("scheduling:special_days"),
        Sight("scheduling:special_days", act=wrong),
        Sight("scheduling:special_days", act=fill("Save", starts_on="2026-12-01")),
        Sight("scheduling:week_list"),
        Sight("scheduling:week_edit", "week"),
        Sight("scheduling:lesson_import"),
        Sight("scheduling:lesson_import", act=wrong),
        Sight("scheduling:lesson_preview", act=upload(LESSONS)),
        Sight("scheduling:lesson_preview", start="scheduling:lesson_import", act=upload(UNTIS)),
        Sight("scheduling:lesson_preview", start="scheduling:lesson_import", act=upload(ICALENDAR)),
        Sight("scheduling:lesson_remove", "lessons"),
        Sight("scheduling:person_timetable", "priya"),
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
    "people:person_invite", "people:role_end", "people:import_stop", "people:import_again",
    "people:group_leave", "people:leave_take_back", "people:last_day_take_back",
    "people:keys_confirm", "people:test_mail",
    "scheduling:term_delete", "scheduling:closure_delete", "scheduling:bell_schedule_delete",
    "scheduling:meeting_cancel", "scheduling:meeting_skip", "scheduling:meeting_restore",
    "scheduling:meeting_let_go", "scheduling:meeting_hold", "scheduling:meeting_miss",
    "scheduling:cells_paint", "scheduling:clash_keep", "scheduling:duty_remove",
    "scheduling:paint_undo", "scheduling:paint_redo",
    "scheduling:place_book", "scheduling:place_release", "scheduling:invitation_answer",
    "scheduling:pairing_end", "scheduling:pairing_pause", "scheduling:pairing_resume",
    "notes:note_save", "notes:note_finish",
    "notes:agreement_accept", "notes:agreement_decline", "notes:agreement_withdraw",
}  # fmt: skip
