"""What `manage.py check` says about servers in the network that are believed without proof."""

import environ
import pytest

from oneonones.connections import check_connections, check_proxies


@pytest.fixture(autouse=True)
def _nothing_set(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "default", environ.Env.db_url_config("sqlite:///x"))
    settings.REDIS_URL = ""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    for name in ("PGHOST", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


def warned():
    return [each.id for each in check_connections()]


@pytest.mark.parametrize(
    ("url", "mode", "ids"),
    [
        ("postgres://app:x@db:5432/school", "", ["oneonones.W002"]),
        ("postgres://app:x@10.1.2.3/school?sslmode=require", "", ["oneonones.W002"]),  # anybody's
        ("postgres://app:x@db:5432/school", "prefer", ["oneonones.W002"]),
        ("postgres://app:x@db:5432/school?sslmode=disable", "verify-full", ["oneonones.W002"]),
        ("postgres://app:x@db:5432/school?sslmode=verify-full", "", []),
        ("postgres://app:x@db:5432/school", "verify-full", []),
        ("postgres://app:x@localhost/school", "", []),
        ("postgres://app:x@127.0.0.1/school", "", []),
        ("postgres://app:x@/school?host=/var/run/postgresql", "", []),
        ("sqlite:///x", "", []),
    ],
)
def test_database_in_the_network_has_to_prove_itself(settings, monkeypatch, url, mode, ids):
    monkeypatch.setitem(settings.DATABASES, "default", environ.Env.db_url_config(url))
    if mode:
        monkeypatch.setenv("PGSSLMODE", mode)

    assert warned() == ids


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("redis://redis:6379/0", ["oneonones.W003"]),
        ("rediss://redis:6379/0?ssl_cert_reqs=none", ["oneonones.W003"]),
        ("rediss://redis:6379/0?ssl_cert_reqs=CERT_NONE", ["oneonones.W003"]),
        ("rediss://redis:6379/0?ssl_cert_reqs=required", []),
        ("redis://[::1]:6379/0", []),
        ("redis+socket:///run/redis.sock", []),
        ("", []),
    ],
)
def test_broker_in_the_network_has_to_prove_itself(settings, url, ids):
    settings.REDIS_URL = url

    assert warned() == ids


@pytest.mark.parametrize(
    ("url", "ids"),
    [
        ("smtp://relay.local:25", ["oneonones.W004"]),
        ("smtp://localhost:25", []),
        ("smtp+tls://a:b@smtp.example.org:587", []),
        ("smtp+ssl://a:b@smtp.example.org:465", []),
    ],
)
def test_mail_server_in_the_network_wants_tls(settings, url, ids):
    for name, value in environ.Env.email_url_config(url).items():
        setattr(settings, name, value)

    assert warned() == ids


@pytest.mark.parametrize(
    ("header", "count", "ids"),
    [
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, ["oneonones.W005"]),
        (("HTTP_X_FORWARDED_PROTO", "https"), 2, []),
        (None, 0, []),
    ],
)
def test_proxies_are_to_be_counted(settings, header, count, ids):
    settings.SECURE_PROXY_SSL_HEADER = header
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count

    assert [each.id for each in check_proxies()] == ids
