"""Addresses of this app."""

from django.urls import path

from .views import calendar, grid, invite, lessons, meetings, pairings, people, signup, today

app_name = "scheduling"

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/days/", calendar.weekdays_edit, name="weekdays_edit"),
    path("calendar/terms/new/", calendar.term_edit, name="term_edit"),
    path("calendar/terms/<uuid:uid>/", calendar.term_edit, name="term_edit"),
    path("calendar/terms/<uuid:uid>/delete/", calendar.term_delete, name="term_delete"),
    path("calendar/closures/new/", calendar.closure_edit, name="closure_edit"),
    path("calendar/closures/<uuid:uid>/", calendar.closure_edit, name="closure_edit"),
    path("calendar/closures/<uuid:uid>/delete/", calendar.closure_delete, name="closure_delete"),
    path("calendar/bells/new/", calendar.bell_schedule_edit, name="bell_schedule_edit"),
    path("calendar/bells/<uuid:uid>/", calendar.bell_schedule_edit, name="bell_schedule_edit"),
    path(
        "calendar/bells/<uuid:uid>/delete/",
        calendar.bell_schedule_delete,
        name="bell_schedule_delete",
    ),
    path("calendar/weeks/", calendar.week_list, name="week_list"),
    path("calendar/weeks/<slug:starts_on>/", calendar.week_edit, name="week_edit"),
    path("calendar/lessons/", lessons.lesson_import, name="lesson_import"),
    path("calendar/lessons/preview/", lessons.lesson_preview, name="lesson_preview"),
    path("today/", today.today, name="today"),
    path("people/", people.people, name="people"),
    path("people/<uuid:uid>/", people.person_page, name="person_page"),
    path("pairings/<uuid:uid>/log/", people.talk_log, name="talk_log"),
    path("pairings/<uuid:uid>/plan/", people.talk_plan, name="talk_plan"),
    path("pairings/<uuid:uid>/pause/", pairings.pairing_pause, name="pairing_pause"),
    path("pairings/<uuid:uid>/resume/", pairings.pairing_resume, name="pairing_resume"),
    path("pairings/<uuid:uid>/end/", pairings.pairing_end, name="pairing_end"),
    path("meetings/<uuid:uid>/", meetings.meeting, name="meeting"),
    path("meetings/<uuid:uid>/move/", meetings.meeting_move, name="meeting_move"),
    path(
        "meetings/<uuid:uid>/move/following/",
        meetings.meeting_move_following,
        name="meeting_move_following",
    ),
    path("meetings/<uuid:uid>/cancel/", meetings.meeting_cancel, name="meeting_cancel"),
    path("meetings/<uuid:uid>/skip/", meetings.meeting_skip, name="meeting_skip"),
    path("meetings/<uuid:uid>/restore/", meetings.meeting_restore, name="meeting_restore"),
    path("meetings/<uuid:uid>/let-go/", meetings.meeting_let_go, name="meeting_let_go"),
    path("meetings/<uuid:uid>/hold/", meetings.meeting_hold, name="meeting_hold"),
    path("meetings/<uuid:uid>/miss/", meetings.meeting_miss, name="meeting_miss"),
    path("schedule/", grid.schedule, name="schedule"),
    path("schedule/cells/", grid.cells_paint, name="cells_paint"),
    path("schedule/undo/", grid.paint_undo, name="paint_undo"),
    path("schedule/redo/", grid.paint_redo, name="paint_redo"),
    path("schedule/place/", grid.place_book, name="place_book"),
    path("schedule/release/<uuid:uid>/", grid.place_release, name="place_release"),
    path("invite/", invite.invite, name="invite"),
    path("pick/", signup.pick, name="pick"),
    path("book/<uuid:uid>/", signup.sign_up, name="sign_up"),
    path("book/<uuid:uid>/answer/", signup.invitation_answer, name="invitation_answer"),
    path("booked/<uuid:uid>/", signup.booked, name="booked"),
    path("booked/<uuid:uid>/calendar/", signup.booking_calendar, name="booking_calendar"),
]
