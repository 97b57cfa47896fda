"""That the suite itself stands on what production stands on."""

from contextlib import closing

import pytest
from django.contrib.auth import get_user_model
from django.db import ProgrammingError, connection
from django.utils import timezone

from conftest import NOW
from oneonones.management.commands.database_roles import make_role
from oneonones.tests import databases


def test_clock_stands_still(now):
    assert timezone.now() == now == NOW


@pytest.mark.django_db
def test_rows_can_be_written():
    get_user_model().objects.create_user("a@example.org")

    assert get_user_model().objects.count() == 1


@pytest.mark.parametrize("turn", [1, 2])
def test_transactional_tests_leave_nothing_behind(transactional_db, turn):
    assert get_user_model().objects.count() == 0

    get_user_model().objects.create_user("a@example.org")


@pytest.mark.production
@pytest.mark.django_db
def test_app_role_cannot_change_tables():
    with pytest.raises(ProgrammingError, match="must be owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE people_user ADD COLUMN extra int")


@pytest.mark.production
@pytest.mark.django_db
def test_app_role_is_bound_by_row_rules():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )

        assert cursor.fetchone() == (f"{connection.settings_dict['NAME']}_app", False, False)


def test_database_url_names_the_app(db):
    assert connection.settings_dict["NAME"] in databases.database_url()


@pytest.mark.production
def test_role_can_be_made_again(db):
    owner, again = (f"{connection.settings_dict['NAME']}_{name}" for name in ("owner", "again"))
    session = databases.connect_as_superuser(connection.settings_dict["NAME"])
    with closing(session), session.cursor() as cursor:
        for rights in ("NOBYPASSRLS", "BYPASSRLS"):
            make_role(cursor, again, "secret", rights, owner=owner)
        cursor.execute("SELECT rolbypassrls FROM pg_roles WHERE rolname = %s", [again])
        made = cursor.fetchall()
        cursor.execute(f"DROP OWNED BY {again}; DROP ROLE {again}")

    assert made == [(True,)]
