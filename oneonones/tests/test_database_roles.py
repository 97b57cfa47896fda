"""That the database's roles get new passwords by a command, which says what to write where."""

import base64
import hashlib
import hmac
import os
import re
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import environ
import pytest
from django.conf import settings
from django.db import connection

from oneonones.management.commands.database_roles import with_password
from oneonones.tests import databases

OLD = "a%40b"
ROLES = {"DATABASE_URL": "app", "DATABASE_OWNER_URL": "owner", "KEEPER_DATABASE_URL": "keeper"}


@pytest.mark.parametrize(
    ("url", "changed"),
    [
        (f"postgres://app:{OLD}@db:5432/school", "postgres://app:x@db:5432/school"),
        (f"postgres://app:{OLD}@db/school?sslmode=verify-full",
         "postgres://app:x@db/school?sslmode=verify-full"),
        ("postgres://app@db/school", "postgres://app:x@db/school"),
        (f"postgres://app:{OLD}@/school?host=/run/pg", "postgres://app:x@/school?host=/run/pg"),
        (f"postgres://app:{OLD}@[::1]:5432/school", "postgres://app:x@[::1]:5432/school"),
    ],
)  # fmt: skip
def test_address_is_the_same_with_another_password(url, changed):
    assert with_password(url, "x") == changed


@pytest.fixture
def administration(db):
    """Somebody who may look at passwords and make roles; theirs are gone afterwards."""
    name = connection.settings_dict["NAME"]
    with closing(databases.connect_as_superuser(name)) as session, session.cursor() as cursor:
        names = {role: f"{name}_new_{role}" for role in ROLES.values()}
        cursor.execute(f"CREATE ROLE {names['owner']} LOGIN SUPERUSER PASSWORD 'old'")
        yield cursor, names
        for each in ("app", "keeper", "owner"):
            cursor.execute(f"DROP OWNED BY {names[each]}; DROP ROLE {names[each]}")


def run(urls, *options):
    env = os.environ | urls | {"DATABASE_ROLE": "owner", "ENV_FILE": os.devnull}
    command = [sys.executable, "manage.py", "database_roles", *options]
    return subprocess.run(
        [*command, "--settings", "oneonones.settings"],
        check=True, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True,
    )  # fmt: skip


def holds(cursor, url):
    """Whether this address has the password of its role, which servers in tests do not ask for."""
    login = environ.Env.db_url_config(url)
    cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [login["USER"]])
    rounds, salt, stored = re.fullmatch(
        r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.*", cursor.fetchone()[0]
    ).groups()
    salted = hashlib.pbkdf2_hmac(
        "sha256", login["PASSWORD"].encode(), base64.b64decode(salt), int(rounds)
    )
    key = hmac.digest(salted, b"Client Key", "sha256")
    return hashlib.sha256(key).digest() == base64.b64decode(stored)


@pytest.mark.production
def test_all_roles_get_new_passwords_and_the_lines_to_write_down(administration):
    cursor, names = administration
    place = urlsplit(databases.database_url())
    query = f"?{place.query}" if place.query else ""
    at = place.netloc.rpartition("@")[2]
    before = {
        variable: f"postgres://{names[role]}:old@{at}{place.path}{query}"
        for variable, role in ROLES.items()
    }
    run(before)
    assert all(holds(cursor, url) for url in before.values())

    done = run(before, "--new-passwords")

    lines = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
    after = {variable: lines[variable] for variable in ROLES}
    assert all(holds(cursor, url) for url in after.values())
    assert not any(holds(cursor, url) for url in before.values())
    words = [environ.Env.db_url_config(url)["PASSWORD"] for url in after.values()]
    assert len(set(words)) == 3
    assert min(map(len, words)) > 40
    assert lines["POSTGRES_PASSWORD"] in lines["DATABASE_OWNER_URL"]
    assert "start everything again" in done.stderr
    run(after)  # as the next start does
    assert all(holds(cursor, url) for url in after.values())


@pytest.mark.production
def test_migrations_give_up_before_everybody_waits_behind_them(db):
    """And no question is compiled, for anybody."""
    asks = "SELECT current_setting('lock_timeout'), current_setting('jit')"
    says = f'from django.db import connection as c; k = c.cursor(); k.execute("{asks}"); '
    told = {}
    for role, variable in (("owner", "DATABASE_OWNER_URL"), ("app", "DATABASE_URL")):
        url = databases.database_url(role)
        env = os.environ | {variable: url, "DATABASE_ROLE": role, "ENV_FILE": os.devnull}
        command = [sys.executable, "manage.py", "shell", "--settings", "oneonones.settings", "-v0"]
        told[role] = subprocess.check_output(
            [*command, "-c", f"{says}print(*k.fetchone())"],
            cwd=settings.BASE_DIR,
            env=env,
            text=True,
        ).strip()

    assert told == {"owner": "5s off", "app": "0 off"}
