"""Every address of the site."""

from django.urls import include, path

from people import views as people_views

from . import views

handler400 = views.bad_request
handler429 = views.too_many_requests  # of django-allauth
handler500 = views.server_error

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("status/", views.status, name="status"),
    path("csp-report", views.csp_report, name="csp_report"),
    path("", people_views.home, name="home"),
    # In front of allauth's pages at the same addresses, which keep their names
    path("accounts/email/", people_views.account_email),
    path("accounts/confirm-email/", people_views.not_here),
    path("accounts/confirm-email/<path:rest>", people_views.not_here),
    path("accounts/login/code/confirm/", people_views.confirm_login_code),
    path("accounts/2fa/webauthn/reauthenticate/", people_views.reauthenticate_by_passkey),
    path("accounts/oidc/<slug:provider_id>/login/", people_views.single_sign_on),
    path("accounts/oidc/<slug:provider_id>/login/callback/", people_views.single_sign_on_back),
    path("accounts/3rdparty/login/cancelled/", people_views.single_sign_on_cancelled),
    path("accounts/3rdparty/", people_views.not_here),
    path("accounts/3rdparty/<path:rest>", people_views.not_here),
    path("accounts/social/<path:rest>", people_views.not_here),
    path("accounts/", include("allauth.urls")),
    path("", include("people.urls")),
    path("", include("scheduling.urls")),
    path("", include("notes.urls")),
]
