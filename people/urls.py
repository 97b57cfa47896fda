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
    path("find/", views.find, name="find"),
    path("undo/<uuid:uid>/", views.undo, name="undo"),
]
