"""That the production shape says what the settings and the documents say."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

yaml = pytest.importorskip("yaml", reason="needs requirements-dev.txt")

ROOT = Path(settings.BASE_DIR)
SHARED = {"web", "worker", "beat", "migrate", "nightly"}
OTHERS = {"certificates", "proxy", "db", "redis"}
# What a service may do of what otherwise only root may
MAY = {"proxy": ["NET_BIND_SERVICE"], "certificates": ["CHOWN"]}


@pytest.fixture(scope="module")
def services():
    return composed()["services"]


def composed(name="docker-compose.yml"):
    return yaml.safe_load((ROOT / name).read_text())


def test_services(services):
    assert set(services) == SHARED | OTHERS
    assert services["beat"]["deploy"]["replicas"] == 1
    assert services["nightly"]["profiles"] == ["nightly"]


@pytest.mark.parametrize("name", sorted(SHARED | OTHERS))
def test_service_has_few_rights(services, name):
    service = services[name]

    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == MAY.get(name, [])
    assert "no-new-privileges:true" in service["security_opt"]
    assert "privileged" not in service
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["logging"] == {"driver": "local"}  # which throws old lines away


@pytest.mark.parametrize("name", ["db", "redis"])
def test_service_of_others_is_not_root_and_not_to_be_reached(services, name):
    assert services[name]["user"] == "999:999"
    assert services[name]["networks"] == ["inside"]
    assert composed()["networks"]["inside"] == {"internal": True}


def test_only_who_makes_certificates_is_root_and_that_without_a_network(services):
    assert [name for name, each in services.items() if each.get("user") == "0:0"] == [
        "certificates"
    ]
    assert services["certificates"]["network_mode"] == "none"
    assert services["certificates"]["restart"] == "no"


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_service_for_people_does_not_know_the_owner(services, name):
    assert services[name]["env_file"] == ".env"
    assert "environment" not in services[name]
    assert services[name]["depends_on"]["migrate"] == {
        "condition": "service_completed_successfully"
    }


@pytest.mark.parametrize(("name", "role"), [("migrate", "owner"), ("nightly", "keeper")])
def test_service_takes_its_role(services, name, role):
    assert services[name]["env_file"] == [".env", ".env.owner"]
    assert services[name]["environment"] == {"DATABASE_ROLE": role}
    assert services[name]["restart"] == "no"


def test_only_migrate_may_write_the_key_ring(services):
    rings = {
        name: volume
        for name, service in services.items()
        for volume in service.get("volumes", [])
        if volume.startswith("keys:")
    }

    assert [name for name, volume in rings.items() if not volume.endswith(":ro")] == ["migrate"]


def test_uploads_have_a_place_that_can_be_written(services):
    image = (ROOT / "Dockerfile").read_text()

    for name in ("web", "nightly"):  # which keeps them, and which forgets them
        assert "imports:/var/lib/one-on-ones/imports" in services[name]["volumes"]
    assert "/var/lib/one-on-ones/imports" in image


def test_proxy_is_the_only_door_and_listens_on_loopback(services):
    published = {name: each["ports"] for name, each in services.items() if "ports" in each}

    assert published == {"proxy": ["127.0.0.1:8000:8000"]}
    assert services["proxy"]["networks"] == ["front"]  # and does not see the database


def test_web_can_be_scaled(services):
    assert "ports" not in services["web"]
    assert "container_name" not in services["web"]
    caddy = _text("Caddyfile")
    assert "dynamic a {$PROXY_WEB:web} 8000" in caddy  # however many there are
    assert "lb_try_duration 30s" in caddy  # and while one is restarted


def test_https_of_its_own_believes_nobody_in_front(services):
    changed = composed("docker-compose.https.yml")["services"]

    assert set(changed) <= set(services)
    assert changed["proxy"]["environment"]["PROXY_TRUSTS"] == "127.0.0.1/32"
    assert changed["proxy"]["ports"] == ["80:80", "443:443", "443:443/udp"]
    assert changed["web"]["environment"] == {"TRUSTED_PROXY_COUNT": "1"}
    assert "TRUSTED_PROXY_COUNT=2" in _text(".env.example")


def test_image_is_given_what_it_copies():
    copied = re.findall(r"^COPY ((?:\S+ )+)", _text("Dockerfile"), re.MULTILINE)
    given = {line[1:] for line in _text(".dockerignore").splitlines() if line.startswith("!")}

    assert {name for line in copied for name in line.split()} == given


@pytest.mark.parametrize("name", ["proxy", "web", "worker", "beat", "db", "redis"])
def test_service_says_how_it_is(services, name):
    assert services[name]["healthcheck"]["test"]


def test_image_runs_as_nobody_in_particular():
    lines = (ROOT / "Dockerfile").read_text().splitlines()

    assert "USER oneonones" in lines
    assert lines.index("USER oneonones") < next(
        number for number, line in enumerate(lines) if line.startswith("CMD")
    )


def test_image_reads_how_gunicorn_serves():
    image = (ROOT / "Dockerfile").read_text()

    assert "COPY manage.py gunicorn.conf.py certificates.sh ./" in image
    assert 'CMD ["gunicorn", "oneonones.wsgi"]' in image


def test_every_variable_is_in_the_example():
    settings_read = _text("oneonones/settings.py") + _text("oneonones/sso.py")
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', settings_read))
    examples = _text(".env.example") + _text(".env.owner.example")
    shown = set(re.findall(r"^#?([A-Z_]+)=", examples, re.MULTILINE))

    assert read - shown == set()
    by_others = {
        "POSTGRES_DB",
        "POSTGRES_USER",
        "POSTGRES_PASSWORD",
        "PGSSLMODE",
        "PGSSLROOTCERT",
        "PGSSLCERT",
        "PGSSLKEY",
        "WEB_CONCURRENCY",
        "WEB_CERTIFICATE",
        "WEB_KEY",
        "PROXY_SITE",
        "COMPOSE_FILE",
    }
    assert shown - read == by_others


def test_production_needs_no_test_packages():
    wanted = set(re.findall(r"^([a-z0-9-]+)==", _text("requirements-prod.txt"), re.MULTILINE))

    assert {"django", "celery", "gunicorn", "psycopg2-binary"} <= wanted
    assert not wanted & {"pytest", "factory-boy", "faker", "hypothesis", "time-machine"}


@pytest.mark.django_db
def test_database_roles_needs_the_owner(capsys):
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        call_command("database_roles")
        assert capsys.readouterr().out == "SQLite has no roles: nothing to do.\n"
    else:
        with pytest.raises(CommandError, match="DATABASE_ROLE=owner"):
            call_command("database_roles")


def _text(path):
    return (ROOT / path).read_text()
