import pytest

from conftest import NOW
from people.models import Pairing
from people.tests.factories import LineFactory, PairingFactory, PersonFactory, SchoolFactory
from people.words import TEXTS, Protocol, protocols_for, standing_words, words_for, words_of

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


@pytest.fixture
def pairing():
    school = SchoolFactory()
    school.safeguarding_lead = PersonFactory(given_name="Sam", family_name="Whitlock")
    school.save()
    return PairingFactory(school=school)


@pytest.mark.parametrize("protocol", TEXTS["en-us"])
def test_words_name_the_lead_in_every_protocol(pairing, protocol):
    words = words_for(
        protocol,
        host=pairing.host,
        attendee=pairing.attendee,
        manager=PersonFactory(),
        lead=pairing.school.safeguarding_lead,
    )

    assert "Sam Whitlock" in words.exception
    assert words.exception in words.paragraphs


def test_words_refuse_a_text_without_the_safeguarding_sentence(pairing, monkeypatch):
    monkeypatch.setitem(TEXTS["en-us"], "between_us", ("Nothing will ever be told.",))

    with pytest.raises(ValueError, match="cannot be left out"):
        words_of(pairing, on=TODAY)


def test_words_do_not_send_a_worry_to_the_one_who_has_it(pairing):
    words = words_for("between_us", host=pairing.host, lead=pairing.host)

    assert "someone such as the head of the school" in words.exception


def test_words_change_their_hash_with_the_lead(pairing):
    before = words_of(pairing, on=TODAY)

    pairing.school.safeguarding_lead = PersonFactory()

    assert words_of(pairing, on=TODAY).sha256 != before.sha256
    assert len(before.sha256) == 64


def test_words_of_coaching_name_the_line_manager(pairing):
    pairing.kind = Pairing.Kind.COACHING
    line = LineFactory(person=pairing.attendee)

    words = words_of(pairing, on=TODAY)

    assert words.protocol == Protocol.TOPICS_UP
    assert line.manager.name in words.paragraphs[0]


def test_words_of_coaching_by_the_line_manager_name_nobody(pairing):
    pairing.kind = Pairing.Kind.COACHING
    LineFactory(person=pairing.attendee, manager=pairing.host)

    assert words_of(pairing, on=TODAY).protocol == Protocol.BETWEEN_US


def test_words_of_coaching_without_a_line_manager_are_between_the_two(pairing):
    pairing.kind = Pairing.Kind.COACHING

    assert words_of(pairing, on=TODAY).protocol == Protocol.BETWEEN_US


UP_TO_A_MANAGER = ["between_us", "topics_up", "actions_up"]


@pytest.mark.parametrize(
    ("kind", "has_manager", "protocols"),
    [
        ("staff_check_in", True, UP_TO_A_MANAGER),
        ("staff_check_in", False, ["between_us"]),
        ("coaching", True, UP_TO_A_MANAGER),
        ("coaching", False, ["between_us"]),
        ("counseling", True, ["counseling"]),
        ("performance_support", True, ["perf_support"]),
        ("family_conference", True, []),
    ],
)
def test_protocols_that_two_may_choose(pairing, kind, has_manager, protocols):
    pairing.kind = kind
    if has_manager:
        LineFactory(person=pairing.attendee)

    assert protocols_for(pairing, on=TODAY) == protocols


def test_protocols_of_a_talk_with_a_student_go_to_no_manager(pairing):
    pairing.kind, pairing.is_with_student = "advisory", True
    LineFactory(person=pairing.attendee)

    assert protocols_for(pairing, on=TODAY) == ["between_us"]


def test_words_of_performance_support_are_not_called_confidential(pairing):
    pairing.kind = Pairing.Kind.PERFORMANCE_SUPPORT
    LineFactory(person=pairing.attendee, manager=pairing.host)

    words = " ".join(words_of(pairing, on=TODAY).paragraphs)

    assert "This is not confidential coaching." in words
    assert "Your manager is in the room; nothing goes further." in words


def test_words_of_a_circle_are_none(pairing):
    pairing.kind = Pairing.Kind.FAMILY_CONFERENCE

    assert words_of(pairing, on=TODAY) is None


def test_words_need_the_manager_they_name(pairing):
    with pytest.raises(ValueError, match="names a line manager"):
        words_for("topics_up", host=pairing.host)


@pytest.mark.parametrize("kind", ["staff_check_in", "counseling", "peer_support"])
def test_standing_words_are_those_an_attendee_reads(pairing, kind):
    pairing.kind = kind

    words = standing_words(kind, host=pairing.host, school=pairing.school)

    assert words.sha256 == words_of(pairing, on=TODAY).sha256


@pytest.mark.parametrize("kind", ["coaching", "performance_support", "family_conference"])
def test_standing_words_are_none_where_a_manager_may_be_named(pairing, kind):
    assert standing_words(kind, host=pairing.host, school=pairing.school) is None
