"""Addresses of this app."""

from django.urls import path

from . import views

app_name = "people"

urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("enter/", views.enter, name="enter"),
    path("mails/", views.mail_list, name="mail_list"),
    path("mails/<slug:key>/", views.mail_detail, name="mail_detail"),
    path("account/", views.account, name="account"),
    path("account/reminders/", views.reminders, name="reminders"),
    path("account/address/no/", views.move_refuse, name="move_refuse"),
    path("account/data/", views.own_data, name="own_data"),
    path("account/browsers/", views.session_list, name="session_list"),
    path("account/browsers/others/end/", views.session_end_others, name="session_end_others"),
    path("account/browsers/<uuid:uid>/end/", views.session_end, name="session_end"),
    path("find/", views.find, name="find"),
    path("names/", views.names_switch, name="names_switch"),
    path("before-you-go/", views.before_you_go, name="before_you_go"),
    path("schools/", views.workplace_list, name="workplace_list"),
    path("schools/<uuid:uid>/", views.workplace_choose, name="workplace_choose"),
    path("undo/<uuid:uid>/", views.undo, name="undo"),
    path("setup/", views.setup, name="setup"),
    path("setup/mail/", views.test_mail, name="test_mail"),
    path("setup/keys/", views.keys_confirm, name="keys_confirm"),
    path("setup/school/", views.school_edit, name="school_edit"),
    path("setup/roster/", views.roster_import, name="roster_import"),
    path("setup/roster/preview/", views.roster_preview, name="roster_preview"),
    path("setup/oneroster/", views.oneroster_import, name="oneroster_import"),
    path("setup/oneroster/<uuid:uid>/", views.import_run, name="import_run"),
    path("setup/oneroster/<uuid:uid>/stop/", views.import_stop, name="import_stop"),
    path("setup/oneroster/<uuid:uid>/again/", views.import_again, name="import_again"),
    path("setup/people/", views.person_list, name="person_list"),
    path("setup/people/new/", views.person_add, name="person_add"),
    path("setup/people/<uuid:uid>/", views.person_edit, name="person_edit"),
    path("setup/people/<uuid:uid>/role/", views.role_give, name="role_give"),
    path("setup/people/<uuid:uid>/leave/", views.person_end, name="person_end"),
    path("setup/people/<uuid:uid>/erase/", views.person_erase, name="person_erase"),
    path("setup/people/<uuid:uid>/last-day/", views.last_day, name="last_day"),
    path(
        "setup/people/<uuid:uid>/last-day/take-back/",
        views.last_day_take_back,
        name="last_day_take_back",
    ),
    path("setup/people/<uuid:uid>/hand-over/", views.hand_over, name="hand_over"),
    path("setup/people/<uuid:uid>/sign-out/", views.person_sign_out, name="person_sign_out"),
    path("setup/people/<uuid:uid>/other-account/", views.person_untie, name="person_untie"),
    path("setup/people/<uuid:uid>/second-step/", views.second_step_off, name="second_step_off"),
    path(
        "setup/people/<uuid:uid>/address/<uuid:move_uid>/yes/",
        views.move_agree,
        name="move_agree",
    ),
    path("setup/people/<uuid:uid>/address/<uuid:move_uid>/no/", views.move_end, name="move_end"),
    path("setup/people/<uuid:uid>/invite/", views.person_invite, name="person_invite"),
    path(
        "setup/people/<uuid:uid>/role/<slug:kind>/<slug:starts_on>/",
        views.role_edit,
        name="role_edit",
    ),
    path(
        "setup/people/<uuid:uid>/role/<slug:kind>/<slug:starts_on>/end/",
        views.role_end,
        name="role_end",
    ),
    path("setup/people/<uuid:uid>/group/", views.group_join, name="group_join"),
    path("setup/people/<uuid:uid>/group/<uuid:group_uid>/", views.group_leave, name="group_leave"),
    path("setup/people/<uuid:uid>/away/", views.leave_give, name="leave_give"),
    path(
        "setup/people/<uuid:uid>/away/<uuid:leave_uid>/",
        views.leave_take_back,
        name="leave_take_back",
    ),
]
