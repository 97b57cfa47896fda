"""Saying yes, not now, and no longer; each in one transaction, and nothing is ever widened."""

from datetime import datetime

from django.db import transaction

from audit.actions import record
from audit.models import Event
from people.models import Pairing, Person, School
from people.permissions import can_host, require
from people.words import (
    MAY_NAME_A_MANAGER,
    Protocol,
    Words,
    line_manager_of,
    protocols_for,
    words_of,
)

from ..models import Acknowledgement, AgreementVersion, Part, StandingAcceptance
from ..models.parts import Why
from ..permissions import can_agree
from ..protocols import AUTHOR, BOTH, LINE, UP, WITHDRAWN, sha256, terms
from ..vault import is_genuine, sign_acknowledgement, sign_version


class CannotAgree(Exception):
    """Why this cannot be agreed now, in words for the person who tried."""


class WordsChanged(CannotAgree):
    """The words are no longer those that were shown; nothing was agreed."""


@transaction.atomic
def accept_standing(
    words: Words, *, school: School, by: Person, at: datetime
) -> StandingAcceptance:
    """A host keeps to these words with everybody; their yes counts when an attendee says it too."""
    require(can_host(by, school, on=school.today(at)))
    acceptance, is_new = StandingAcceptance.objects.get_or_create(
        host=by,
        protocol=words.protocol,
        words_sha256=words.sha256,
        defaults={"language": words.language, "at": at},
    )
    if is_new:
        record(
            Event.Act.AGREEMENT_ACCEPT_STANDING,
            chain=school.pk,
            by=by.pk,
            objects=[f"standing:{acceptance.pk}"],
            basis=words.protocol,
            at=at,
        )
    return acceptance


@transaction.atomic
def agree(
    pairing: Pairing, *, shown: str, protocol: str = "", by: Person, at: datetime
) -> AgreementVersion:
    """
    One of the two says yes to the words they were shown (`shown` is their SHA-256).

    The words are of one of the protocols that these two could agree on, without one of the usual.
    The first yes proposes a version, in place of any other that was proposed. It is in force with
    the second, or at once when an attendee says it and the host has accepted these very words for
    everybody; until then what was in force stays so. Raises WordsChanged or CannotAgree.
    """
    pairing = _locked(pairing)
    require(can_agree(by, pairing))
    words = _words_now(pairing, at=at, protocol=protocol)
    if words.sha256 != shown:
        raise WordsChanged("The words have changed since you opened this page. Here they are now.")

    version, objects = _version_for(pairing, words, at=at)
    if not version.is_in_force and _say_yes(version, by, words, at=at):
        objects.append(f"person:{by.pk}")
        _host_said_so_before(version, words, at=at)
    said_yes = list(Acknowledgement.objects.filter(version=version).select_related("version"))
    if not version.is_in_force and is_genuine(version, said_yes):
        _put_in_force(version, by=by, at=at)
    record(
        Event.Act.AGREEMENT_ACKNOWLEDGE,
        chain=pairing.school_id,
        by=by.pk,
        objects=objects,
        basis=version.protocol,
        at=at,
    )
    return version


@transaction.atomic
def decline(pairing: Pairing, *, by: Person, at: datetime) -> None:
    """Not now: what is open is closed, what is in force stays, and either may say yes later."""
    pairing = _locked(pairing)
    require(can_agree(by, pairing))
    version = AgreementVersion.objects.of(pairing).proposed().newest_first().first()
    if version is None:
        words = _words_now(pairing, at=at)
        if AgreementVersion.objects.of(pairing).in_force().exists():
            raise CannotAgree("You have both agreed already. You can end the agreement below.")
        version = _new_version(pairing, words, at=at)
    version.declined_at = at
    version.save(update_fields=["declined_at"])
    record(
        Event.Act.AGREEMENT_DECLINE,
        chain=pairing.school_id,
        by=by.pk,
        objects=[f"pairing:{pairing.uid}", f"agreement:{version.uid}"],
        at=at,
    )


@transaction.atomic
def withdraw(pairing: Pairing, *, by: Person, at: datetime) -> None:
    """
    Either of the two ends the agreement alone, at once.

    The line manager loses every part, earlier ones too. What the two shared with each other
    stays; what they write from now on is each one's own.
    """
    pairing = _locked(pairing)
    require(can_agree(by, pairing))
    version = AgreementVersion.objects.of(pairing).in_force().first()
    if version is None:
        raise CannotAgree("Nothing is agreed at the moment.")
    version.withdrawn_at = at
    version.save(update_fields=["withdrawn_at"])
    _take_from_managers(pairing, by=by, at=at)
    record(
        Event.Act.AUD_NARROW,
        chain=pairing.school_id,
        by=by.pk,
        objects=[f"pairing:{pairing.uid}", f"agreement:{version.uid}"],
        basis=WITHDRAWN,
        at=at,
    )


def _locked(pairing: Pairing) -> Pairing:
    """The pairing, alone: two people who say yes at once make one version."""
    Pairing.objects.select_for_update().get(pk=pairing.pk)
    return Pairing.objects.select_related("host", "attendee", "school__safeguarding_lead").get(
        pk=pairing.pk
    )


def _words_now(pairing: Pairing, *, at: datetime, protocol: str = "") -> Words:
    on = pairing.school.today(at)
    if protocol and protocol not in protocols_for(pairing, on=on):
        raise WordsChanged("This can no longer be chosen here. Here are the words as they are now.")
    words = words_of(pairing, on=on, protocol=protocol)
    if words is None:
        raise CannotAgree("There is nothing to agree for this kind of talk.")
    if words.protocol == Protocol.COUNSELING and not pairing.school.can_counsel:
        raise CannotAgree("Counseling waits until the school has named a safeguarding lead.")
    return words


def _version_for(
    pairing: Pairing, words: Words, *, at: datetime
) -> tuple[AgreementVersion, list[str]]:
    """The version that says just this, in force or proposed, or a new one; and what to record."""
    wanted = _terms(pairing, words, at=at)
    standing = AgreementVersion.objects.of(pairing)
    for version in (*standing.in_force(), *standing.proposed().newest_first()):
        if version.terms == wanted:
            return _with_pairing(version, pairing), [f"agreement:{version.uid}"]
    version = _new_version(pairing, words, at=at)
    return version, [f"pairing:{pairing.uid}", f"agreement:{version.uid}"]


def _new_version(pairing: Pairing, words: Words, *, at: datetime) -> AgreementVersion:
    standing = AgreementVersion.objects.of(pairing)
    standing.proposed().update(superseded_at=at)
    last = standing.newest_first().first()
    frozen = _terms(pairing, words, at=at)
    version = AgreementVersion(
        school_id=pairing.school_id,
        pairing=pairing,
        number=last.number + 1 if last else 1,
        protocol=words.protocol,
        line_manager=_named(pairing, words, at=at),
        terms=frozen,
        terms_sha256=sha256(frozen),
        proposed_at=at,
    )
    sign_version(version)
    version.save(force_insert=True)
    return version


def _terms(pairing: Pairing, words: Words, *, at: datetime) -> str:
    manager = _named(pairing, words, at=at)
    return terms(
        words.protocol,
        school=pairing.school_id,
        host=pairing.host_id,
        attendee=pairing.attendee_id,
        line_manager=manager.pk if manager else None,
    )


def _named(pairing: Pairing, words: Words, *, at: datetime) -> Person | None:
    if words.protocol not in MAY_NAME_A_MANAGER:
        return None
    return line_manager_of(pairing, on=pairing.school.today(at))


def _with_pairing(version: AgreementVersion, pairing: Pairing) -> AgreementVersion:
    version.pairing = pairing
    return version


def _say_yes(version: AgreementVersion, person: Person, words: Words, *, at: datetime) -> bool:
    """Keep one's yes; False when it was already there."""
    if Acknowledgement.objects.filter(version=version, person=person).exists():
        return False
    _acknowledge(version, person, words, at=at)
    return True


def _host_said_so_before(version: AgreementVersion, words: Words, *, at: datetime) -> None:
    """Count the host's standing yes, if it was to these very words and named nobody."""
    host = version.pairing.host
    standing = StandingAcceptance.objects.filter(
        host=host, protocol=words.protocol, words_sha256=words.sha256, language=words.language
    ).first()
    said = Acknowledgement.objects.filter(version=version, person=host).exists()
    if standing and not said and version.line_manager_id is None:
        _acknowledge(version, host, words, at=at, standing=standing)


def _acknowledge(
    version: AgreementVersion,
    person: Person,
    words: Words,
    *,
    at: datetime,
    standing: StandingAcceptance | None = None,
) -> None:
    acknowledgement = Acknowledgement(
        version=version,
        person=person,
        terms_sha256=version.terms_sha256,
        words_sha256=words.sha256,
        language=words.language,
        standing=standing,
        at=at,
    )
    sign_acknowledgement(acknowledgement)
    acknowledgement.save(force_insert=True)


def _put_in_force(version: AgreementVersion, *, by: Person, at: datetime) -> None:
    """The older version gives way; where the new one shows a manager less, so do old parts."""
    AgreementVersion.objects.of(version.pairing).in_force().update(superseded_at=at)
    version.in_force_at = at
    version.save(update_fields=["in_force_at"])
    _take_from_managers(version.pairing, by=by, at=at, but=version)


def _take_from_managers(
    pairing: Pairing, *, by: Person, at: datetime, but: AgreementVersion | None = None
) -> None:
    """Remove line managers from finished parts, except what a new version shows the same one."""
    parts = Part.objects.system(Why.NARROW, by=by, at=at).filter(pairing=pairing, is_draft=False)
    if but is not None and but.line_manager_id is not None:
        kept = [kind for kind, cell in but.cells.items() if cell.maximum & LINE]
        parts = parts.exclude(line=but.line_manager_id, kind__in=kept)
    parts.filter(aud=UP).update(aud=BOTH, line=None)
    parts.filter(aud=AUTHOR | LINE).update(aud=AUTHOR, line=None)
