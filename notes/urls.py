"""Addresses of this app."""

from django.urls import path

from . import views

app_name = "notes"

urlpatterns = [
    path("meetings/<uuid:uid>/notes/", views.meeting_notes, name="meeting_notes"),
    path("meetings/<uuid:uid>/notes/save/", views.note_save, name="note_save"),
    path("meetings/<uuid:uid>/notes/finish/", views.note_finish, name="note_finish"),
    path("meetings/<uuid:uid>/notes/opened/", views.meeting_ledger, name="meeting_ledger"),
    path("meetings/<uuid:uid>/notes/as/<slug:key>/", views.meeting_look, name="meeting_look"),
    path("headings/", views.heading_list, name="heading_list"),
    path("headings/<uuid:uid>/", views.heading_detail, name="heading_detail"),
    path("notes/", views.note_list, name="note_list"),
    path("notes/find/", views.note_find, name="note_find"),
    path("notes/student/", views.student_note, name="student_note"),
    path("pairings/<uuid:uid>/agreement/", views.agreement, name="agreement"),
    path("pairings/<uuid:uid>/agreement/yes/", views.agreement_accept, name="agreement_accept"),
    path(
        "pairings/<uuid:uid>/agreement/not-now/",
        views.agreement_decline,
        name="agreement_decline",
    ),
    path(
        "pairings/<uuid:uid>/agreement/end/",
        views.agreement_withdraw,
        name="agreement_withdraw",
    ),
    path("holds/", views.hold_list, name="hold_list"),
    path("holds/new/", views.hold_add, name="hold_add"),
    path("holds/new/everybody/", views.hold_place, name="hold_place_all"),
    path("holds/new/<uuid:uid>/", views.hold_place, name="hold_place"),
    path("holds/<uuid:uid>/", views.hold, name="hold"),
    path("holds/<uuid:uid>/answer/", views.hold_answer, name="hold_answer"),
    path("log/", views.log, name="log"),
    path("log/check/", views.log_check, name="log_check"),
    path("log/keepers/", views.keeper_name, name="keeper_name"),
    path("log/keepers/<uuid:uid>/end/", views.keeper_dismiss, name="keeper_dismiss"),
    path("setup/notes/", views.retention, name="retention"),
    path("setup/notes/yes/", views.retention_confirm, name="retention_confirm"),
    path("setup/notes/as-it-was/", views.retention_drop, name="retention_drop"),
    path("agreement/standing/", views.standing, name="standing"),
]
