"""Agreements and parts, made the way people make them: by the actions."""

from datetime import date

import factory

from conftest import NOW
from notes import actions
from notes.acting import acting_as
from notes.actions import Entry
from notes.models import AgreementVersion, Hold, Part
from notes.vault import seal
from people.tests.factories import PersonFactory, SchoolFactory
from people.words import words_of


def school_with_lead(**fields):
    """A school that may counsel, and does not ask for a second factor."""
    school = SchoolFactory(demo=True, **fields)
    lead = PersonFactory(
        safeguarding_lead=True, school=school, given_name="Sam", family_name="Whitlock"
    )
    school.safeguarding_lead, school.safeguarding_phone = lead, "555 0100"
    school.save()
    return school


def agree(pairing, at=NOW, protocol="") -> AgreementVersion:
    """Both say yes, to the words of this protocol or of the usual one."""
    shown = words_of(pairing, on=pairing.school.today(at), protocol=protocol).sha256
    for person in (pairing.host, pairing.attendee):
        version = actions.agree(pairing, shown=shown, protocol=protocol, by=person, at=at)
    return version


def draft(meeting, author, text="", *, field="how", chosen=3, shown=None, at=NOW) -> Part:
    """What somebody is typing into a field."""
    [[seen]] = actions.save_drafts(
        meeting,
        entries=[Entry(field, text, chosen, [])],
        shown=shown,
        by=author,
        at=at,
    ).seen.values()
    return Part.objects.visible_to(author, at=at).get(uid=seen.uid)


def finished(meeting, author, text="", *, field="how", chosen=3, at=NOW) -> Part:
    """A finished part, under the agreement in force."""
    shown = AgreementVersion.objects.of(meeting.pairing).in_force().first()
    part = draft(meeting, author, text, field=field, chosen=chosen, shown=shown, at=at)
    actions.finish(meeting, by=author, at=at)
    return Part.objects.visible_to(author, at=at).get(pk=part.pk)


def part_row(meeting, author, text="", **fields) -> Part:
    """A finished row with any kind and audience, for asking the rule about it."""
    pairing = meeting.pairing
    part = Part(
        **{
            "school": pairing.school,
            "pairing": pairing,
            "meeting": meeting,
            "author": author,
            "party": pairing.other(author),
            "kind": "body",
            "field": "how",
            "is_draft": False,
            "written_at": NOW,
            **fields,
        }
    )
    seal(part, text)
    with acting_as(author.pk, at=NOW):
        part.save(force_insert=True)
    return part


def row_of(part):
    """A part's row as it lies in the database, read beside every rule but the database's own."""
    with acting_as(part.author_id, at=NOW):
        return Part._base_manager.select_related("agreement", "pairing").get(pk=part.pk)


def written_by(*people):
    """What lies in the database of these people's, as rows."""
    found = []
    for person in people:
        with acting_as(person.pk, at=NOW):
            found += Part._base_manager.filter(author=person).values()
    return found


class HoldFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Hold

    ground = "court"
    reference = factory.Sequence(lambda n: f"2026-{n}")
    until = date(2027, 10, 1)
    asked_at = agreed_at = NOW


def hold_on(school, person=None, other=None, *, agreed=True, first=None, last=None, **fields):
    """A hold that two leaders who meet nobody have placed."""
    two = [PersonFactory(leader=True, school=school) for _ in range(2)]
    hold = actions.place_hold(
        school,
        actions.Scope(person, other, first, last),
        **{"ground": "court", "reference": "2026-114", "until": date(2027, 10, 1), **fields},
        by=two[0],
        at=NOW,
    )
    return actions.agree_to_hold(hold, by=two[1], at=NOW) if agreed else hold
