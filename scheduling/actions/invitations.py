"""Inviting people to pick a time, and what they answer without picking one."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.actions import CannotInvite, CannotPair, invite_user, open_pairing
from people.cadence import ON_GRID
from people.models import Change, OutgoingMail, Pairing, Person, School
from people.permissions import can_host, require

from ..models import Booking, Invitation, SignUp, Slot, Term
from ..permissions import can_sign_up

KIND = Pairing.Kind.STAFF_CHECK_IN
VERB = "signup.invite"


class CannotSend(Exception):
    """Why nobody could be invited, in words for the host who tried."""


class CannotAnswer(Exception):
    """Why an answer is not taken any more, in words for the person who gave it."""


class Invitee(NamedTuple):
    """Somebody to invite, and how often the host would like to meet them."""

    person: Person
    cadence: str


class Invited(NamedTuple):
    sign_up: SignUp
    pairings: list[Pairing]
    refused: list[Person]  # they have a pairing now, but no letter reaches them
    change: Change


@transaction.atomic
def invite(
    host: Person,
    school: School,
    term: Term,
    rows: Sequence[Invitee],
    letter: str,
    *,
    by: Person,
    at: datetime,
) -> Invited:
    """
    Open a host's sign-up for a term, pair them with everybody on the list, and send the letter.

    Somebody without an e-mail address is paired, so that the host can place them, and listed; so
    is somebody whose address another uses. Whoever has a time already stays as they are. Raises
    CannotSend with a sentence.
    """
    on = school.today(at)
    require(by.pk == host.pk and can_host(host, school, on=on))
    _require_sense(host, school, term, rows, at=at)
    sign_up, was_opened = _open(host, school, term, letter, at=at)
    change = Change.objects.create(by=by, verb=VERB, at=at)
    before = _pairings(host)
    asked = {each.pairing_id: each for each in sign_up.invitations.select_for_update()}
    booked = set(
        Booking.objects.live()
        .filter(term=term, pairing__host=host, pairing__kind=KIND)
        .values_list("pairing__attendee_id", flat=True)
    )
    invited, refused, steps = [], [], []
    for row in rows:
        if row.person.pk in booked:
            continue
        was = before.get(row.person.pk)
        try:
            pairing = was or open_pairing(
                school,
                host=host,
                attendee=row.person,
                kind=KIND,
                by=by,
                on=on,
                cadence=row.cadence,
            )
        except CannotPair:
            refused.append(row.person)
            continue
        steps.append(_step(pairing, asked.get(pairing.pk), made=was is None))
        pairing.cadence = row.cadence
        pairing.save(update_fields=["cadence"])
        if _give_login(row.person, by=by, at=at):
            sign_up.invitations.update_or_create(
                pairing=pairing, defaults={"invited_at": at, "answer": "", "answered_at": None}
            )
            invited.append(pairing)
            _queue(pairing, change, by=by, at=at)
        else:
            refused.append(row.person)
    change.refs = {
        "sign_up": str(sign_up.uid),
        "opened": was_opened,
        "pairings": steps,
        "invited": [pairing.pk for pairing in invited],
        "refused": [person.pk for person in refused],
    }
    change.save(update_fields=["refs"])
    _record(sign_up, invited, was_opened=was_opened, by=by, at=at)
    return Invited(sign_up, invited, refused, change)


def _require_sense(
    host: Person, school: School, term: Term, rows: Sequence[Invitee], *, at: datetime
) -> None:
    on = school.today(at)
    if term.school_id != school.pk or term.ends_on < on:
        raise CannotSend("This term is over. Nobody was invited.")
    if not rows:
        raise CannotSend("Tick at least one person.")
    if not Slot.objects.standing().filter(host=host, term=term).exists():
        raise CannotSend("Paint a period first, so that there is a time to pick.")
    if any(row.cadence not in ON_GRID for row in rows):
        raise CannotSend("Choose weekly, biweekly or monthly for everybody.")
    wanted = {row.person.pk for row in rows}
    staff = Person.objects.staff_of(school, on=on).filter(pk__in=wanted).exclude(pk=host.pk)
    if staff.count() < len(wanted):
        raise CannotSend(
            "Somebody on your list is not on the staff of your school any more. "
            "Look through the list again."
        )


def _open(
    host: Person, school: School, term: Term, letter: str, *, at: datetime
) -> tuple[SignUp, bool]:
    """The sign-up, open, with this letter; and whether it was not open before."""
    sign_up, made = SignUp.objects.select_for_update().get_or_create(
        host=host, term=term, defaults={"school": school, "opens_at": at, "letter": letter}
    )
    was_open = not made and sign_up.is_open(at)
    if not made:
        sign_up.letter = letter
        if not was_open:
            sign_up.opens_at, sign_up.closes_at = at, None
        sign_up.save(update_fields=["letter", "opens_at", "closes_at"])
    return sign_up, not was_open


def _pairings(host: Person) -> dict[int, Pairing]:
    """The host's open pairings of this kind, by attendee."""
    found = Pairing.objects.select_for_update().filter(host=host, kind=KIND, ends_on=None)
    return {pairing.attendee_id: pairing for pairing in found}


def _step(pairing: Pairing, before: Invitation | None, *, made: bool) -> dict:
    """What undoing needs to know of one pairing, and of an earlier invitation to this sign-up."""
    return {
        "pairing": pairing.pk,
        "made": made,
        "cadence": pairing.cadence,
        "invited_at": before and before.invited_at.isoformat(),
        "answer": before.answer if before else "",
        "answered_at": before and before.answered_at and before.answered_at.isoformat(),
    }


def _give_login(person: Person, *, by: Person, at: datetime) -> bool:
    """Whether a letter reaches somebody, and they can sign in."""
    try:
        invite_user(person, by=by, at=at)
    except CannotInvite:
        return False
    return True


def _queue(pairing: Pairing, change: Change, *, by: Person, at: datetime) -> None:
    OutgoingMail.objects.queue(
        key=f"invitation:{pairing.uid}:{change.uid}",
        kind="invitation",
        person=pairing.attendee,
        at=at,
        by=by,
        about=pairing.uid,
        change=change,
    )


def _record(
    sign_up: SignUp,
    invited: Sequence[Pairing],
    *,
    was_opened: bool,
    by: Person,
    at: datetime,
) -> None:
    about = f"sign_up:{sign_up.uid}"
    if was_opened:
        record(Event.Act.SIGNUP_OPEN, chain=sign_up.school_id, by=by.pk, objects=[about], at=at)
    if invited:
        record(
            Event.Act.PAIRING_INVITE,
            chain=sign_up.school_id,
            by=by.pk,
            objects=[about, *(f"pairing:{pairing.uid}" for pairing in invited)],
            at=at,
        )


@transaction.atomic
def answer_invitation(invitation: Invitation, answer: str, *, by: Person, at: datetime) -> Change:
    """Tell the host, without a reason, that no time is picked now; picking one stays possible."""
    invitation = (
        Invitation.objects.select_for_update(of=("self",))
        .with_people()
        .select_related("sign_up")
        .get(pk=invitation.pk)
    )
    pairing, sign_up = invitation.pairing, invitation.sign_up
    require(can_sign_up(by, pairing, sign_up, at=at))
    if answer not in Pairing.Answer.values:
        raise CannotAnswer("Choose one of the three sentences.")
    if Booking.objects.live().filter(pairing=pairing, term=sign_up.term_id).exists():
        raise CannotAnswer("You have a time already.")
    was = {
        "answer": invitation.answer,
        "answered_at": invitation.answered_at and invitation.answered_at.isoformat(),
    }
    invitation.answer, invitation.answered_at = answer, at
    invitation.save(update_fields=["answer", "answered_at"])
    change = Change.objects.create(
        by=by, verb="signup.answer", refs={"invitation": invitation.pk, **was}, at=at
    )
    record(
        Event.Act.PAIRING_CHANGE,
        chain=pairing.school_id,
        by=by.pk,
        objects=[f"pairing:{pairing.uid}"],
        basis="answer",
        at=at,
    )
    return change
