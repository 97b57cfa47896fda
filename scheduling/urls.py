"""Addresses of this app."""

from django.urls import path

from .views import meetings, people, today

app_name = "scheduling"

urlpatterns = [
    path("today/", today.today, name="today"),
    path("people/", people.people, name="people"),
    path("people/<uuid:uid>/", people.person_page, name="person_page"),
    path("pairings/<uuid:uid>/log/", people.talk_log, name="talk_log"),
    path("pairings/<uuid:uid>/plan/", people.talk_plan, name="talk_plan"),
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
]
