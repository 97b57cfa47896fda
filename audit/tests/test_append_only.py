"""The database itself refuses to change what was recorded."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.append_only import TRIGGERS
from audit.models import Event, Head

from .factories import CHAIN, write

REFUSED = [
    "UPDATE audit_event SET act = 'part.write' WHERE seq = 1",
    "DELETE FROM audit_event WHERE seq = 2",
    "DELETE FROM audit_event",
    "DELETE FROM audit_head",
    "UPDATE audit_head SET seq = 1",
    "UPDATE audit_head SET seq = seq",
    "UPDATE audit_head SET chain = 8",
]
REFUSED_ON = {
    "sqlite": [
        "INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE seq = 1",
        "REPLACE INTO audit_head (chain, seq, mac) VALUES (7, 1, '')",
    ],
    "postgresql": [
        "TRUNCATE audit_event",
        "TRUNCATE audit_head",
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "DROP TRIGGER audit_event_refuse_change ON audit_event",
        "SET session_replication_role = replica",
    ],
}


def refuse(statement, error):
    before = list(Event.objects.order_by("seq").values_list()), list(Head.objects.values_list())

    with pytest.raises(error), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)

    after = list(Event.objects.order_by("seq").values_list()), list(Head.objects.values_list())
    assert after == before


@pytest.mark.django_db
def test_statements_are_refused():
    write(2)

    for statement in [*REFUSED, *REFUSED_ON[connection.vendor]]:
        refuse(statement, DatabaseError)


@pytest.mark.django_db
def test_the_orm_is_refused():
    first, _ = write(2)

    for change in (
        lambda: Event.objects.update(basis="other"),
        lambda: Event.objects.filter(pk=first.pk).delete(),
        first.save,
        first.delete,
        lambda: Head.objects.filter(chain=CHAIN).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    assert Event.objects.count() == 2


def test_triggers_refuse_even_the_owner(tampering):
    write(2)
    with connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor].values():
            cursor.execute(statement)

    ours = [
        text for text in REFUSED_ON[connection.vendor] if text.startswith(("TRUN", "REP", "INS"))
    ]
    for statement in [*REFUSED, *ours]:
        refuse(statement, IntegrityError)


@pytest.mark.django_db
def test_the_app_s_role_may_only_add():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no roles")
    rights = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER"]

    with connection.cursor() as cursor:
        held = {}
        for table in ("audit_event", "audit_head"):
            cursor.execute(
                "SELECT name FROM unnest(%s) AS name WHERE has_table_privilege(%s, name)",
                [rights, table],
            )
            held[table] = [name for (name,) in cursor.fetchall()]

    assert held == {
        "audit_event": ["SELECT", "INSERT"],
        "audit_head": ["SELECT", "INSERT", "UPDATE"],
    }
