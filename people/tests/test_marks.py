"""The drawn marks say the right thing, and let nothing through unescaped."""

import pytest
from django.template import Context, Template, TemplateSyntaxError

from people.models import Person

NASTY = "<script>\"&'</script>"


def draw(source, **context):
    return Template("{% load marks %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("cadence", "letter", "word"),
    [
        ("weekly", "w", "Weekly"),
        ("biweekly", "b", "Biweekly"),
        ("monthly", "m", "Monthly"),
        ("b", "b", "Biweekly"),
    ],
)
def test_cadence_is_a_ball_and_a_word(cadence, letter, word):
    mark = draw("{% cadence cadence %}", cadence=cadence)
    assert f'class="cad cad-{letter}"' in mark
    assert f"ball-{letter}" in mark
    assert f"<span>{word}</span>" in mark


@pytest.mark.parametrize(
    ("cadence", "word"), [("termly", "Once a term"), ("as_needed", "As needed")]
)
def test_cadence_without_a_rhythm_is_a_word_alone(cadence, word):
    mark = draw("{% cadence cadence %}", cadence=cadence)
    assert "svg" not in mark
    assert f"<span>{word}</span>" in mark


def test_cadence_takes_other_words():
    assert "Biweekly, week B" in draw('{% cadence "biweekly" "Biweekly, week B" %}')


def test_balls_differ_in_shape():
    balls = {
        draw("{% ball letter %}", letter=letter).replace(f"ball-{letter}", "") for letter in "wbm"
    }
    assert len(balls) == 3
    assert draw('{% ball "as_needed" %}') == ""


def test_avatar_shows_initials_in_their_rhythm():
    person = Person(given_name="Priya", family_name="Nair")
    mark = draw('{% avatar person "biweekly" "lg" %}', person=person)
    assert ">PN</text>" in mark
    assert 'class="av av-lg av-c-b"' in mark
    assert "stroke-dasharray" in mark
    assert 'aria-hidden="true"' in mark


def test_avatar_without_a_rhythm_has_no_ring():
    assert "av-ring" not in draw(
        "{% avatar person %}", person=Person(given_name="A", family_name="B")
    )


def test_avatar_refuses_an_unknown_size():
    person = Person(given_name="A", family_name="B")
    with pytest.raises(TemplateSyntaxError):
        draw('{% avatar person "" "huge" %}', person=person)


def test_avatar_escapes_initials():
    mark = draw("{% avatar person %}", person=Person(given_name="<b", family_name="&c"))
    assert ">&lt;&amp;</text>" in mark


@pytest.mark.parametrize("level", [1, 2, 3, 4])
def test_see_fills_as_many_bars_as_its_level(level):
    mark = draw('{% see level "Only you" %}', level=level)
    assert mark.count('class="on"') == level
    assert mark.count('class="off"') == 4 - level


def test_words_are_escaped():
    for source in ("{% see 2 words %}", '{% cadence "weekly" words %}', "{% kbd words %}"):
        mark = draw(source, words=NASTY)
        assert "<script" not in mark
        assert "&lt;script&gt;" in mark


def test_icon_is_decorative():
    assert 'aria-hidden="true"' in draw('{% icon "clock" %}')


def test_icon_of_an_unknown_name_is_a_bug():
    with pytest.raises(KeyError):
        draw('{% icon "unicorn" %}')


def test_letter_of_a_cadence():
    assert draw("{{ cadence|letter }}", cadence="monthly") == "m"
    assert draw("{{ cadence|letter }}", cadence="as_needed") == ""
