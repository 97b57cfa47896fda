"""
Every address x every visitor: who gets in, who is refused, who learns nothing. Read it first.

A page is listed by its GET; what only takes POST by its POST with nothing in it, which the action
answers after the same question. 404 stands for "there is no such thing", word for word the same as
for an address that was made up.
"""

import re
import uuid

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from people.tests.factories import TERM_STARTS_ON

from .world import CONFIDED, SAID, arguments, made_world, standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

VISITORS = [
    "anonymous",
    "host",  # a leader; the meeting, its note, the grid and the change are theirs
    "attendee",  # the teacher who comes
    "leader",  # another leader of the school
    "admin",  # an administrator of the school
    "counselor",  # a counselor of the school, who has nothing to do with either meeting
    "elsewhere",  # leader and administrator of another school
    "superuser",  # a login that is nobody at any school
]
# Who is answered like another visitor, but for what is listed in OTHERWISE
LIKE = {
    "itinerant": "elsewhere",  # administers the other school, and teaches at this one
    "district": "counselor",  # administers the district from this school, and is nothing else
}

ROLE = ("teacher", TERM_STARTS_ON.isoformat())

# fmt: off
ACCESS = {
    # name, what its argument names                   anon host atte lead admi coun else supe
    ("csp_report", None):                             (400, 400, 400, 400, 400, 400, 400, 400),
    ("healthz", None):                                (200, 200, 200, 200, 200, 200, 200, 200),
    ("home", None):                                   (302, 302, 302, 302, 302, 302, 302, 302),
    ("metrics", None):                                (404, 404, 404, 404, 404, 404, 404, 404),
    ("notes:agreement", "pairing"):                   (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:agreement", "counseling"):                (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:agreement_accept", "pairing"):            (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:agreement_accept", "counseling"):         (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:agreement_decline", "pairing"):           (302, 302, 302, 404, 404, 404, 404, 403),
    ("notes:agreement_decline", "counseling"):        (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:agreement_withdraw", "pairing"):          (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:agreement_withdraw", "counseling"):       (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:heading_detail", "pairing"):              (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:heading_list", None):                     (302, 200, 200, 200, 200, 200, 200, 403),
    ("notes:hold", "hold"):                           (302, 200, 403, 200, 403, 403, 404, 403),
    ("notes:hold_add", None):                         (302, 200, 403, 200, 403, 403, 200, 403),
    ("notes:hold_answer", "hold"):                    (302, 302, 403, 302, 403, 403, 404, 403),
    ("notes:hold_list", None):                        (302, 200, 403, 200, 403, 403, 200, 403),
    ("notes:hold_place", "colleague"):                (302, 200, 403, 200, 403, 403, 404, 403),
    ("notes:hold_place_all", None):                   (302, 200, 403, 200, 403, 403, 200, 403),
    ("notes:keeper_dismiss", "colleague"):            (302, 404, 403, 404, 404, 403, 404, 403),
    ("notes:keeper_name", None):                      (302, 302, 403, 302, 302, 403, 302, 403),
    ("notes:log", None):                              (302, 200, 403, 200, 200, 403, 200, 403),
    ("notes:log_check", None):                        (302, 200, 403, 200, 200, 403, 200, 403),
    ("notes:meeting_ledger", "meeting"):              (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:meeting_ledger", "session"):              (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:meeting_look", ("meeting", "other")):     (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:meeting_look", ("meeting", "office")):    (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:meeting_look", ("session", "other")):     (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:meeting_notes", "meeting"):               (302, 200, 200, 404, 404, 404, 404, 403),
    ("notes:meeting_notes", "session"):               (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:note_find", None):                        (302, 200, 200, 200, 200, 200, 200, 403),
    ("notes:note_finish", "meeting"):                 (302, 302, 302, 404, 404, 404, 404, 403),
    ("notes:note_finish", "session"):                 (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:note_list", None):                        (302, 200, 200, 200, 200, 200, 200, 403),
    ("notes:note_save", "meeting"):                   (302, 302, 302, 404, 404, 404, 404, 403),
    ("notes:note_save", "session"):                   (302, 404, 404, 404, 404, 404, 404, 403),
    ("notes:retention", None):                        (302, 403, 403, 403, 200, 403, 200, 403),
    ("notes:retention_confirm", None):                (302, 403, 403, 403, 302, 403, 302, 403),
    ("notes:retention_drop", None):                   (302, 403, 403, 403, 302, 403, 302, 403),
    ("notes:standing", None):                         (302, 200, 403, 200, 403, 200, 200, 403),
    ("notes:student_note", None):                     (302, 403, 403, 403, 403, 200, 403, 403),
    ("people:account", None):                         (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:reminders", None):                       (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:before_you_go", None):                   (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:enter", None):                           (404, 404, 404, 404, 404, 404, 404, 404),
    ("people:find", None):                            (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:import_again", "run"):                   (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:import_run", "run"):                     (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:import_stop", "run"):                    (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:mail_detail", "made-up"):                (404, 404, 404, 404, 404, 404, 404, 404),
    ("people:mail_list", None):                       (404, 404, 404, 404, 404, 404, 404, 404),
    ("people:move_agree", ("colleague", "move")):     (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:move_end", ("colleague", "move")):       (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:move_refuse", None):                     (302, 302, 302, 302, 302, 302, 302, 403),
    ("people:names_switch", None):                    (302, 302, 302, 302, 302, 302, 302, 403),
    ("people:oneroster_import", None):                (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:group_join", "colleague"):               (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:group_leave", ("colleague", "advisory")): (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:hand_over", "colleague"):                (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:hand_over", "leaver"):                   (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:keys_confirm", None):                    (302, 403, 403, 403, 302, 403, 302, 403),
    ("people:test_mail", None):                       (302, 403, 403, 403, 302, 403, 302, 403),
    ("people:last_day", "colleague"):                 (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:last_day_take_back", "leaver"):          (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:leave_give", "colleague"):               (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:leave_take_back", ("colleague", "leave")): (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:own_data", None):                        (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:person_add", None):                      (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:person_edit", "colleague"):              (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:person_end", "colleague"):               (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:person_erase", "colleague"):              (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:person_invite", "colleague"):            (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:person_list", None):                     (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:person_sign_out", "colleague"):          (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:person_untie", "colleague"):             (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:second_step_off", "colleague"):          (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:role_edit", ("colleague", *ROLE)):       (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:role_end", ("colleague", *ROLE)):        (302, 403, 403, 403, 302, 403, 404, 403),
    ("people:role_give", "colleague"):                (302, 403, 403, 403, 200, 403, 404, 403),
    ("people:roster_import", None):                   (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:roster_preview", None):                  (302, 403, 403, 403, 302, 403, 302, 403),
    ("people:school_edit", None):                     (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:workplace_choose", "school"):               (302, 302, 404, 302, 302, 302, 404, 403),
    ("people:workplace_list", None):                     (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:session_end", "browser"):                (302, 302, 404, 404, 404, 404, 404, 403),
    ("people:session_end_others", None):              (302, 302, 302, 302, 302, 302, 302, 403),
    ("people:session_list", None):                    (302, 200, 200, 200, 200, 200, 200, 403),
    ("people:setup", None):                           (302, 403, 403, 403, 200, 403, 200, 403),
    ("people:undo", "change"):                        (302, 302, 404, 404, 404, 404, 404, 403),
    ("people:welcome", None):                         (404, 404, 404, 404, 404, 404, 404, 404),
    ("readyz", None):                                 (503, 503, 503, 503, 503, 503, 503, 503),
    ("status", None):                                 (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:bell_import", None):                 (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:bell_preview", None):                (302, 403, 403, 403, 302, 403, 302, 403),
    ("scheduling:bell_schedule_delete", "bells"):     (302, 403, 403, 403, 302, 403, 404, 403),
    ("scheduling:bell_schedule_edit", None):          (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:bell_schedule_edit", "bells"):       (302, 403, 403, 403, 200, 403, 404, 403),
    ("scheduling:calendar", None):                    (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:carry_over", None):                  (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:cells_paint", None):                 (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:clash_keep", "booking"):             (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:clash_list", None):                  (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:closure_delete", "closure"):         (302, 403, 403, 403, 302, 403, 404, 403),
    ("scheduling:closure_edit", None):                (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:closure_forget", None):              (302, 403, 403, 403, 404, 403, 404, 403),
    ("scheduling:closure_look", None):                (302, 403, 403, 403, 404, 403, 404, 403),
    ("scheduling:closure_import", None):              (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:closure_preview", None):             (302, 403, 403, 403, 302, 403, 302, 403),
    ("scheduling:closure_edit", "closure"):           (302, 403, 403, 403, 200, 403, 404, 403),
    ("scheduling:feed", "made-up"):                   (404, 404, 404, 404, 404, 404, 404, 404),
    ("scheduling:feed_edit", None):                   (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:feed_end", None):                    (302, 302, 302, 302, 302, 302, 302, 403),
    ("scheduling:feed_make", None):                   (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:duty_remove", "lesson"):             (302, 404, 302, 404, 302, 404, 404, 403),
    ("scheduling:lesson_import", None):               (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:lesson_preview", None):              (302, 403, 403, 403, 302, 403, 302, 403),
    ("scheduling:lesson_remove", ("term", "untis")):  (302, 403, 403, 403, 200, 403, 404, 403),
    ("scheduling:meeting", "meeting"):                (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:meeting", "session"):                (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_cancel", "meeting"):         (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_cancel", "session"):         (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_hold", "meeting"):           (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_hold", "session"):           (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_let_go", "meeting"):         (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_let_go", "session"):         (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_miss", "meeting"):           (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_miss", "session"):           (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_move", "meeting"):           (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:meeting_move", "session"):           (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_move_following", "meeting"): (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:meeting_move_following", "session"): (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_restore", "meeting"):        (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_restore", "session"):        (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:meeting_skip", "meeting"):           (302, 302, 302, 404, 404, 404, 404, 403),
    ("scheduling:meeting_skip", "session"):           (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:paint_redo", None):                  (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:paint_undo", None):                  (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:pairing_end", "pairing"):            (302, 302, 403, 404, 404, 404, 404, 403),
    ("scheduling:pairing_end", "counseling"):         (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:pairing_pause", "pairing"):          (302, 302, 403, 404, 404, 404, 404, 403),
    ("scheduling:pairing_resume", "pairing"):         (302, 302, 403, 404, 404, 404, 404, 403),
    ("scheduling:pairing_topics", "pairing"):         (302, 302, 403, 404, 404, 404, 404, 403),
    ("scheduling:people", None):                      (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:person_page", "colleague"):          (302, 200, 200, 200, 200, 200, 404, 403),
    ("scheduling:person_timetable", "colleague"):     (302, 403, 200, 403, 200, 403, 404, 403),
    ("scheduling:place_book", None):                  (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:place_release", "booking"):          (302, 302, 403, 404, 403, 404, 404, 403),
    ("scheduling:schedule", None):                    (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:talk_log", "pairing"):               (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:talk_plan", "pairing"):              (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:term_delete", "term"):               (302, 403, 403, 403, 302, 403, 404, 403),
    ("scheduling:term_edit", None):                   (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:term_edit", "term"):                 (302, 403, 403, 403, 200, 403, 404, 403),
    ("scheduling:timetable", None):                   (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:today", None):                       (302, 200, 200, 200, 200, 200, 200, 403),
    ("scheduling:booked", "booking"):                 (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:booking_calendar", "booking"):       (302, 200, 200, 404, 404, 404, 404, 403),
    ("scheduling:invitation_answer", "pairing"):      (302, 404, 200, 404, 404, 404, 404, 403),
    ("scheduling:district", None):                    (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:district_administrator", "school"):  (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:district_school_add", None):         (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:district_schools_import", None):      (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:district_schools_preview", None):     (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:host_choose", None):                 (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:invite", None):                      (302, 200, 403, 200, 403, 200, 200, 403),
    ("scheduling:pick", None):                        (302, 200, 302, 200, 200, 200, 200, 403),
    ("scheduling:sign_up", "pairing"):                (302, 404, 302, 404, 404, 404, 404, 403),
    ("scheduling:sign_up", "invited"):                (302, 404, 404, 404, 404, 404, 404, 403),
    ("scheduling:where_edit", None):                  (302, 200, 403, 404, 403, 404, 404, 403),
    ("scheduling:day_edit", "day"):                   (302, 403, 403, 403, 404, 403, 404, 403),
    ("scheduling:special_days", None):                (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:sample", "roster"):                  (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:sample", "schools"):                 (302, 403, 403, 403, 403, 403, 403, 403),
    ("scheduling:week_edit", "week"):                 (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:week_list", None):                   (302, 403, 403, 403, 200, 403, 200, 403),
    ("scheduling:weekdays_edit", None):               (302, 403, 403, 403, 200, 403, 200, 403),
}
# fmt: on

OTHERWISE = {
    "itinerant": {
        ("notes:hold", "hold"): 403,
        ("notes:hold_add", None): 403,
        ("notes:hold_answer", "hold"): 403,
        ("notes:hold_list", None): 403,
        ("notes:hold_place", "colleague"): 403,
        ("notes:hold_place_all", None): 403,
        ("notes:standing", None): 403,
        ("scheduling:carry_over", None): 403,
        ("scheduling:cells_paint", None): 403,
        ("scheduling:invite", None): 403,
        ("scheduling:paint_redo", None): 403,
        ("scheduling:paint_undo", None): 403,
        ("scheduling:person_page", "colleague"): 200,
        ("scheduling:person_timetable", "colleague"): 403,
        ("scheduling:place_book", None): 403,
        ("scheduling:place_release", "booking"): 403,
        ("scheduling:schedule", None): 403,
        ("scheduling:where_edit", None): 403,
    },
    "district": {
        ("notes:standing", None): 403,
        ("notes:student_note", None): 403,
        ("people:workplace_choose", "school"): 404,
        ("scheduling:carry_over", None): 403,
        ("scheduling:cells_paint", None): 403,
        ("people:import_again", "run"): 302,
        ("people:import_run", "run"): 200,
        ("people:import_stop", "run"): 302,
        ("people:oneroster_import", None): 200,
        ("status", None): 200,
        ("scheduling:district", None): 200,
        ("scheduling:district_administrator", "school"): 302,
        ("scheduling:district_school_add", None): 200,
        ("scheduling:district_schools_import", None): 200,
        ("scheduling:district_schools_preview", None): 302,
        ("scheduling:invite", None): 403,
        ("scheduling:paint_redo", None): 403,
        ("scheduling:paint_undo", None): 403,
        ("scheduling:person_page", "colleague"): 404,
        ("scheduling:person_timetable", "colleague"): 404,
        ("scheduling:place_book", None): 403,
        ("scheduling:place_release", "booking"): 403,
        ("scheduling:sample", "schools"): 200,
        ("scheduling:schedule", None): 403,
        ("scheduling:where_edit", None): 403,
    },
}

POST_ONLY = {
    "csp_report",
    "notes:agreement_accept", "notes:agreement_decline", "notes:agreement_withdraw",
    "notes:hold_answer", "notes:keeper_dismiss", "notes:keeper_name", "notes:log_check",
    "notes:note_finish", "notes:note_save", "notes:retention_confirm",
    "notes:retention_drop",
    "people:enter", "people:group_leave",
    "people:import_again", "people:import_stop", "people:keys_confirm", "people:last_day_take_back",
    "people:leave_take_back", "people:move_agree", "people:move_end", "people:move_refuse",
    "people:names_switch",
    "people:person_end", "people:person_invite", "people:person_sign_out",
    "people:person_untie", "people:role_end", "people:role_give",
    "people:session_end", "people:session_end_others", "people:test_mail", "people:undo",
    "people:workplace_choose",
    "scheduling:bell_schedule_delete", "scheduling:cells_paint", "scheduling:clash_keep",
    "scheduling:closure_delete", "scheduling:closure_forget", "scheduling:closure_look",
    "scheduling:duty_remove", "scheduling:feed_end", "scheduling:feed_make",
    "scheduling:invitation_answer",
    "scheduling:meeting_cancel", "scheduling:meeting_hold", "scheduling:meeting_let_go",
    "scheduling:meeting_miss", "scheduling:meeting_restore", "scheduling:meeting_skip",
    "scheduling:paint_redo", "scheduling:paint_undo", "scheduling:pairing_end",
    "scheduling:pairing_pause", "scheduling:pairing_resume", "scheduling:pairing_topics",
    "scheduling:place_book",
    "scheduling:place_release", "scheduling:term_delete",
}  # fmt: skip

# See oneonones/tests/test_allauth.py
FROM_ALLAUTH = ("account_", "mfa_", "openid_connect_", "socialaccount_")


def url_names(resolver, namespace=""):
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from url_names(pattern, namespace + inside)
        elif pattern.name:
            yield namespace + pattern.name


def test_every_url_is_listed():
    ours = {name for name in url_names(get_resolver()) if not name.startswith(FROM_ALLAUTH)}

    assert ours == {name for name, _ in ACCESS}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker):
        yield made_world()


def sent(world, visitor, name, argument):
    """What a visitor is answered; afterwards everything is as it was before."""
    client = Client()
    before = transaction.savepoint()
    if visitor in world.people:
        client.cookies[settings.SESSION_COOKIE_NAME] = world.sessions[visitor]
    answer = client.post if name in POST_ONLY else client.get
    response = answer(reverse(name, args=arguments(world, argument)))
    transaction.savepoint_rollback(before)
    return response


@pytest.mark.parametrize(("name", "argument"), ACCESS)
def test_access(world, name, argument):
    expected = dict(zip(VISITORS, ACCESS[name, argument], strict=True))
    for visitor, other in LIKE.items():
        expected[visitor] = OTHERWISE[visitor].get((name, argument), expected[other])

    responses = {visitor: sent(world, visitor, name, argument) for visitor in expected}

    assert {visitor: each.status_code for visitor, each in responses.items()} == expected
    for visitor, response in responses.items():
        assert CONFIDED not in response.text
        assert visitor == "host" or SAID not in response.text
        assert visitor == "anonymous" or "no-store" in response["Cache-Control"]
        assert "default-src 'none'; " in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]


def test_what_one_wrote_is_there_for_oneself(world):
    assert SAID in sent(world, "host", "notes:meeting_notes", "meeting").text


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("scheduling:meeting", "session"),
        ("notes:meeting_notes", "session"),
        ("notes:agreement", "counseling"),
    ],
)
def test_what_one_may_not_know_of_is_answered_like_what_is_not_there(world, name, argument):
    for visitor in ("leader", "admin", "counselor", "elsewhere"):
        refused = sent(world, visitor, name, argument)
        made_up = sent(world, visitor, name, str(uuid.uuid4()))

        assert refused.status_code == made_up.status_code == 404
        assert _lasting(refused) == _lasting(made_up)


def _lasting(response):
    """A page without what is new each time: nonces and tokens."""
    new = r'(nonce="|"X-CSRFToken": "|name="csrfmiddlewaretoken" value=")[^"]*'
    return re.sub(new, r"\1", response.text)
