"""Inviting people to pick a time, and what they answer without picking one."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.actions import invite_users, open_pairings
from people.actions.pairings import Opened
from people.cadence import ON_GRID
from people.models import Change, OutgoingMail, Pairing, Person, School
from people.models.outgoing import Letter
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
    wanted = {row.person.pk: row for row in _without_time(host, term, rows)}
    people = [row.person for row in wanted.values()]
    reached = invite_users(school, people, by=by, at=at)
    cadences = {pk: row.cadence for pk, row in wanted.items()}
    opened = open_pairings(school, host=host, cadences=cadences, by=by, on=on)
    steps = _steps(sign_up, opened)
    _suggest(opened.pairings, cadences)
    invited = [each for pk, each in opened.pairings.items() if pk in reached]
    _ask(sign_up, invited, at=at)
    OutgoingMail.objects.queue_all(
        [
            Letter(f"invitation:{each.uid}:{change.uid}", wanted[each.attendee_id].person, each.uid)
            for each in invited
        ],
        kind="invitation",
        at=at,
        by=by,
        change=change,
    )
    refused = [each for each in people if each.pk not in reached or each.pk not in opened.pairings]
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


def _without_time(host: Person, term: Term, rows: Sequence[Invitee]) -> list[Invitee]:
    """Those who have not picked a time of this host in the term."""
    booked = Booking.objects.live().filter(term=term, pairing__host=host, pairing__kind=KIND)
    placed = set(booked.values_list("pairing__attendee_id", flat=True))
    return [row for row in rows if row.person.pk not in placed]


def _steps(sign_up: SignUp, opened: Opened) -> list[dict]:
    """What undoing needs to know of each pairing, and of an earlier invitation to this sign-up."""
    asked = {each.pairing_id: each for each in sign_up.invitations.select_for_update()}
    return [
        {
            "pairing": pairing.pk,
            "made": pairing.pk in opened.made,
            "cadence": pairing.cadence,
            **_asked_before(asked.get(pairing.pk)),
        }
        for pairing in opened.pairings.values()
    ]


def _asked_before(invitation: Invitation | None) -> dict[str, str | None]:
    if invitation is None:
        return {"invited_at": None, "answer": "", "answered_at": None}
    answered_at = invitation.answered_at
    return {
        "invited_at": invitation.invited_at.isoformat(),
        "answer": invitation.answer,
        "answered_at": answered_at.isoformat() if answered_at else None,
    }


def _suggest(pairings: Mapping[int, Pairing], cadences: Mapping[int, str]) -> None:
    """Let each pairing suggest how often, as the host would like it now."""
    for cadence in ON_GRID:
        others = [
            each
            for pk, each in pairings.items()
            if cadences[pk] == cadence and each.cadence != cadence
        ]
        if others:
            Pairing.objects.filter(pk__in=[each.pk for each in others]).update(cadence=cadence)
        for each in others:
            each.cadence = cadence


def _ask(sign_up: SignUp, pairings: Sequence[Pairing], *, at: datetime) -> None:
    """An invitation for each; one that was sent before is sent anew, and has no answer yet."""
    Invitation.objects.bulk_create(
        [Invitation(sign_up=sign_up, pairing=each, invited_at=at) for each in pairings],
        update_conflicts=True,
        unique_fields=["sign_up", "pairing"],
        update_fields=["invited_at", "answer", "answered_at"],
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
