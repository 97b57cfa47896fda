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


def words(pairing, protocol=""):
    return words_of(pairing, on=NOW.date(), protocol=protocol).sha256


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


def propose(pairing, protocol, by):
    shown = words(pairing, protocol)
    return actions.agree(pairing, shown=shown, protocol=protocol, by=by, at=NOW)


def in_force(pairing):
    return AgreementVersion.objects.of(pairing).in_force().get()


@pytest.mark.parametrize("first", ["host", "attendee"])
def test_either_proposes_other_words_and_both_must_say_yes(pairing, first):
    line = LineFactory(person=pairing.attendee)
    before = agree(pairing)
    one, other = getattr(pairing, first), pairing.other(getattr(pairing, first))

    proposed = propose(pairing, "topics_up", one)
    assert propose(pairing, "topics_up", one) == proposed
    assert in_force(pairing) == before
    propose(pairing, "topics_up", other)

    assert in_force(pairing) == proposed
    assert (proposed.number, before.number) == (2, 1)
    assert in_force(pairing).line_manager == line.manager


def test_not_now_leaves_what_was_agreed(pairing):
    LineFactory(person=pairing.attendee)
    before = agree(pairing)
    propose(pairing, "actions_up", pairing.host)

    actions.decline(pairing, by=pairing.attendee, at=NOW)

    assert in_force(pairing) == before
    assert not AgreementVersion.objects.of(pairing).proposed().exists()


def test_another_proposal_takes_the_place_of_the_first(pairing):
    LineFactory(person=pairing.attendee)
    first = propose(pairing, "actions_up", pairing.host)
    second = propose(pairing, "topics_up", pairing.attendee)

    assert AgreementVersion.objects.of(pairing).proposed().get() == second
    assert propose(pairing, "actions_up", pairing.attendee) != first  # who said yes to the first?
    assert not AgreementVersion.objects.of(pairing).in_force().exists()


@pytest.mark.parametrize(
    ("kind", "protocol"),
    [
        ("counseling", "topics_up"),
        ("performance_support", "between_us"),
        ("staff_check_in", "counseling"),
        ("staff_check_in", "private"),
        ("staff_check_in", "nonsense"),
        ("family_conference", "between_us"),
    ],
)
def test_what_a_kind_of_talk_does_not_allow_is_not_agreed(pairing, kind, protocol):
    LineFactory(person=pairing.attendee)
    Pairing.objects.filter(pk=pairing.pk).update(kind=kind)

    with pytest.raises(actions.CannotAgree):
        actions.agree(pairing, shown="0" * 64, protocol=protocol, by=pairing.host, at=NOW)

    assert not AgreementVersion.objects.exists()


def test_headings_go_to_nobody_once_there_is_no_line_manager(pairing):
    line = LineFactory(person=pairing.attendee)
    shown = words(pairing, "topics_up")
    line.delete()

    with pytest.raises(actions.WordsChanged):
        actions.agree(pairing, shown=shown, protocol="topics_up", by=pairing.host, at=NOW)
