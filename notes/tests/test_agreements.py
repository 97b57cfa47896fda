import pytest
from django.core.exceptions import PermissionDenied

from audit.models import Event
from conftest import NOW
from notes import actions
from notes.models import Acknowledgement, AgreementVersion, StandingAcceptance
from notes.tests.factories import agree, part_row, row_of, school_with_lead, written_by
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory, PersonFactory
from people.words import standing_words, words_of
from scheduling.tests.factories import MeetingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def pairing():
    return PairingFactory(school=school_with_lead())


def words(pairing):
    return words_of(pairing, on=NOW.date()).sha256


def acts():
    return list(Event.objects.order_by("pk").values_list("act", flat=True))


def accept_standing(pairing):
    accepted = standing_words(pairing.kind, host=pairing.host, school=pairing.school)
    return actions.accept_standing(accepted, school=pairing.school, by=pairing.host, at=NOW)


def test_agree_is_in_force_at_once_when_the_host_has_accepted_these_words(pairing):
    standing = accept_standing(pairing)

    version = actions.agree(pairing, shown=words(pairing), by=pairing.attendee, at=NOW)

    assert version.is_in_force
    said_yes = Acknowledgement.objects.filter(version=version)
    assert {(each.person_id, each.standing_id) for each in said_yes} == {
        (pairing.attendee_id, None),
        (pairing.host_id, standing.pk),
    }
    assert {each.terms_sha256 for each in said_yes} == {version.terms_sha256}
    assert {each.words_sha256 for each in said_yes} == {words(pairing)}
    assert acts() == ["agreement.accept_standing", "agreement.acknowledge"]


def test_agree_waits_for_the_host_who_accepted_other_words(pairing):
    accept_standing(pairing)
    pairing.school.safeguarding_lead = PersonFactory()
    pairing.school.save()

    version = actions.agree(pairing, shown=words(pairing), by=pairing.attendee, at=NOW)

    assert not version.is_in_force
    again = actions.agree(pairing, shown=words(pairing), by=pairing.host, at=NOW)
    assert again == version
    assert again.is_in_force


def test_agree_needs_both(pairing):
    version = actions.agree(pairing, shown=words(pairing), by=pairing.host, at=NOW)
    twice = actions.agree(pairing, shown=words(pairing), by=pairing.host, at=NOW)

    assert version == twice
    assert not twice.is_in_force


def test_agree_refuses_words_that_have_changed(pairing):
    shown = words(pairing)
    pairing.school.safeguarding_lead = PersonFactory()
    pairing.school.save()

    with pytest.raises(actions.WordsChanged):
        actions.agree(pairing, shown=shown, by=pairing.attendee, at=NOW)

    assert not AgreementVersion.objects.exists()


def test_agree_is_for_the_two_alone(pairing):
    for stranger in (PersonFactory(leader=True, school=pairing.school), PersonFactory()):
        for act in (actions.decline, actions.withdraw):
            with pytest.raises(PermissionDenied):
                act(pairing, by=stranger, at=NOW)
        with pytest.raises(PermissionDenied):
            actions.agree(pairing, shown=words(pairing), by=stranger, at=NOW)


def test_agree_with_a_named_manager_is_never_said_beforehand(pairing):
    pairing.kind = Pairing.Kind.COACHING
    pairing.save()
    line = LineFactory(person=pairing.attendee)

    version = actions.agree(pairing, shown=words(pairing), by=pairing.attendee, at=NOW)

    assert version.line_manager == line.manager
    assert not version.is_in_force


def test_agree_on_counseling_waits_for_a_safeguarding_lead():
    pairing = PairingFactory(counseling=True)

    with pytest.raises(actions.CannotAgree, match="safeguarding lead"):
        actions.agree(pairing, shown=words(pairing), by=pairing.host, at=NOW)


def test_agree_in_a_circle_is_refused(pairing):
    pairing.kind = Pairing.Kind.FAMILY_CONFERENCE
    pairing.save()

    with pytest.raises(actions.CannotAgree, match="nothing to agree"):
        actions.agree(pairing, shown="0" * 64, by=pairing.host, at=NOW)


def test_decline_is_no_end(pairing):
    actions.agree(pairing, shown=words(pairing), by=pairing.host, at=NOW)

    actions.decline(pairing, by=pairing.attendee, at=NOW)
    assert not AgreementVersion.objects.of(pairing).proposed().exists()

    assert agree(pairing).number == 2


def test_decline_before_anything_was_proposed_is_kept(pairing):
    actions.decline(pairing, by=pairing.attendee, at=NOW)

    assert AgreementVersion.objects.get().declined_at == NOW
    assert acts() == ["agreement.decline"]


def test_decline_of_what_is_in_force_is_refused(pairing):
    agree(pairing)

    with pytest.raises(actions.CannotAgree, match="both agreed already"):
        actions.decline(pairing, by=pairing.attendee, at=NOW)


def test_withdraw_takes_every_part_from_the_manager_and_none_from_the_two(pairing):
    pairing.kind = Pairing.Kind.COACHING
    pairing.save()
    line = LineFactory(person=pairing.attendee)
    version = agree(pairing)
    meeting = MeetingFactory(pairing=pairing)
    for author in (pairing.host, pairing.attendee):
        part_row(
            meeting, author, kind="topic",
            written_aud=7, aud=7, line=line.manager, agreement=version,
        )  # fmt: skip
    elsewhere = _read_by(line.manager)

    actions.withdraw(pairing, by=pairing.attendee, at=NOW)

    rows = written_by(pairing.host, pairing.attendee)
    assert [(row["aud"], row["line_id"]) for row in rows] == [(3, None), (3, None)]
    assert row_of(elsewhere).aud == 7
    assert acts()[-1] == "aud.narrow"


def _read_by(manager):
    """A finished heading of another pairing that the same manager reads."""
    pairing = PairingFactory(school=school_with_lead(), kind=Pairing.Kind.COACHING)
    LineFactory(person=pairing.attendee, manager=manager)
    return part_row(
        MeetingFactory(pairing=pairing), pairing.host, kind="topic",
        written_aud=7, aud=7, line=manager, agreement=agree(pairing),
    )  # fmt: skip


def test_withdraw_without_an_agreement_is_refused(pairing):
    with pytest.raises(actions.CannotAgree, match="Nothing is agreed"):
        actions.withdraw(pairing, by=pairing.host, at=NOW)


def test_accept_standing_is_for_hosts(pairing):
    accepted = standing_words("staff_check_in", host=pairing.attendee, school=pairing.school)

    with pytest.raises(PermissionDenied):
        actions.accept_standing(accepted, school=pairing.school, by=pairing.attendee, at=NOW)


def test_accept_standing_twice_is_once(pairing):
    accept_standing(pairing)
    accept_standing(pairing)

    assert StandingAcceptance.objects.count() == 1
    assert acts() == ["agreement.accept_standing"]


def test_agreements_are_visible_to_the_two(pairing):
    version = agree(pairing)
    stranger = PersonFactory(leader=True, school=pairing.school)

    for model in (AgreementVersion, Acknowledgement):
        assert model.objects.visible_to(pairing.attendee).exists()
        assert not model.objects.visible_to(stranger).exists()
        pairing.host.is_active = False
        assert not model.objects.visible_to(pairing.host).exists()
        pairing.host.is_active = True
    assert f"{version}" == f"AgreementVersion {version.pk}"
