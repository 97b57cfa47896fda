"""Lines kept elsewhere: what they find that the log by itself cannot, and exit statuses."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from audit import anchors, chain, keyring
from audit.actions import verify
from audit.models import Event, Head

from .factories import CHAIN, write

ON = date(2026, 10, 12)


def call(*words):
    out, err = StringIO(), StringIO()
    call_command("audit", "verify", *words, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def execute(statement, *params):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def write_anew(seq, mac_after=""):
    """What somebody with the database and the audit key does: sign the rest of the log again."""
    after = mac_after
    for event in Event.objects.filter(chain=CHAIN).order_by("seq"):
        if event.seq >= seq:
            event.mac = chain.sign(event, after=after)
            execute("UPDATE audit_event SET mac = %s WHERE id = %s", event.mac, event.pk)
        after = chain.link(event)
        last = event.seq
    execute("UPDATE audit_head SET seq = %s, mac = %s WHERE chain = %s", last, after, CHAIN)


def kinds(anchor):
    return [problem.kind for problem in anchors.problems(anchor)]


@pytest.mark.django_db
def test_the_line_of_a_day_fits_for_ever_while_the_log_grows():
    write(3)
    line = anchors.take(CHAIN, on=ON).line
    write(4)

    assert "It fits 1 anchor.\nThe log is whole." in call("--anchor", line)
    assert len(line) < 78  # no mail program breaks it
    assert Head.objects.get(chain=CHAIN).mac[:16] not in line  # which would do as a head


@pytest.mark.django_db
def test_a_chain_without_events_has_a_line_too():
    anchor = anchors.take(CHAIN, on=ON)
    assert (anchor.seq, kinds(anchor)) == (0, [])
    write(1)
    assert kinds(anchor) == []


@pytest.mark.django_db
def test_the_key_may_be_replaced_meanwhile(ring):
    write(2)
    anchor = anchors.take(CHAIN, on=ON)
    keyring.add_key("audit", on=ON)
    write(2)
    assert verify(anchors=[anchor]).is_sound


def test_a_tail_cut_off_with_all_hashes_right_is_found_by_the_line_alone(tampering):
    write(5)
    line = anchors.take(CHAIN, on=ON).line
    execute("DELETE FROM audit_event WHERE seq > 3")
    write_anew(4)

    assert verify().is_sound  # by nothing less
    assert call() == "Chain 7: 3 events checked.\nThe log is whole.\n"
    with pytest.raises(CommandError, match=r"not whole. Problems: 1") as failure:
        call("--anchor", line)
    assert failure.value.returncode == 1
    write(4)  # and the log grows again beyond the number of the line
    assert verify().is_sound
    assert kinds(anchors.read(line)[0]) == [chain.Kind.REWRITTEN]


def test_an_older_copy_in_its_place_is_found(tampering):
    write(2)
    kept = Head.objects.get(chain=CHAIN)
    write(2)
    anchor = anchors.take(CHAIN, on=ON)
    execute("DELETE FROM audit_event WHERE seq > 2")
    execute("UPDATE audit_head SET seq = 2, mac = %s WHERE chain = %s", kept.mac, CHAIN)

    assert verify().is_sound
    assert kinds(anchor) == [chain.Kind.CUT]


def test_a_past_written_anew_with_the_key_is_found(tampering):
    write(4)
    anchor = anchors.take(CHAIN, on=ON)
    execute("UPDATE audit_event SET basis = 'party' WHERE seq = 2")
    assert kinds(anchor) == []  # that is for the rest of `verify`
    assert not verify(anchors=[anchor]).is_sound
    first = Event.objects.get(chain=CHAIN, seq=1)
    write_anew(2, chain.link(first))

    assert verify().is_sound
    assert kinds(anchor) == [chain.Kind.REWRITTEN]


def test_whole_mails_are_read_and_slips_accuse_nobody(db, monkeypatch):
    write(2)
    write(1, chain=0)
    lines = [anchors.take(each, on=ON).line for each in (CHAIN, 0)]
    mail = f"Hello Ada,\n\n> {lines[0]}\r\n> {lines[1]}\n\nAlder Creek School"
    monkeypatch.setattr("sys.stdin", StringIO(mail))
    assert "It fits 2 anchors." in call("--anchor", "-")

    for slip in (lines[0][:-1] + "g", lines[0].replace(":2:", ":3:"), lines[0][:-9], "", mail[:60]):
        with pytest.raises(CommandError, match="Nothing was checked"):
            call("--anchor", slip)
    with pytest.raises(anchors.NotAnAnchor):
        anchors.read(lines[0].replace("2026-10-12", "2026-13-12"))
    with pytest.raises(CommandError, match="one of the two"):
        call("--anchor", lines[0], "--shipped", "-")


@pytest.mark.django_db
def test_a_line_whose_key_is_gone_is_not_said_to_fit(ring):
    write(1)
    anchor = anchors.take(CHAIN, on=ON)
    ring.unlink()
    keyring.create(ring, on=ON)  # another ring
    assert kinds(anchor) == [chain.Kind.KEY]
    with pytest.raises(CommandError, match="not whole"):
        call("--anchor", anchor.line)
