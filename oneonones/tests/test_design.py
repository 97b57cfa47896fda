"""What every template and stylesheet keeps to, so that the look and the policy hold."""

import re

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
STYLES = sorted((settings.BASE_DIR / "static" / "css").glob("*.css"))
SCRIPTS = sorted((settings.BASE_DIR / "static" / "js").glob("*.js"))


def each(paths):
    return pytest.mark.parametrize(
        "path", paths, ids=lambda path: str(path.relative_to(settings.BASE_DIR))
    )


@each(TEMPLATES)
def test_template_has_no_inline_style_script_or_colour(path):
    source = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=", source)
    # What is typed as JSON is never run: it is data for a script that came as a file
    assert not re.search(r'<script(?![^>]*(\bnonce=|type="application/json"))', source)
    assert not re.search(r"#[0-9A-Fa-f]{6}\b", source)


def test_phones_have_one_layout():
    bootstrap = settings.BASE_DIR / "static" / "vendor" / "bootstrap.min.css"
    styles = "".join(path.read_text() for path in [*STYLES, bootstrap])
    found = re.findall(r"-width:\s*([\d.]+)(rem|px)\)", styles)

    assert {unit for _, unit in found} == {"rem", "px"}
    assert min(float(number) * (16 if unit == "rem" else 1) for number, unit in found) > 390


@each(TEMPLATES)
def test_template_parses(path):
    get_template(str(path.relative_to(settings.BASE_DIR / "templates")))


@each(TEMPLATES)
def test_comment_ends_on_its_line(path):
    """Django shows readers a comment that goes on over several lines."""
    assert not [line for line in path.read_text().splitlines() if "{#" in line and "#}" not in line]


@each(TEMPLATES)
def test_template_names_controls_by_their_visible_words(path):
    assert not re.search(
        r"<(button|a|input|select|textarea|summary)\b[^>]*aria-label=", path.read_text()
    )


@each(TEMPLATES)
def test_form_turns_off_the_browsers_own_bubbles_and_shows_a_summary(path):
    source = path.read_text()
    if "|crispy" in source and path.name != "fields.html":
        assert "novalidate" in source
        assert re.search(r"error_summary|form_page", source)


@each(TEMPLATES)
def test_posting_form_carries_its_token(path):
    for form in re.findall(r"<form\b.*?</form>", path.read_text(), re.DOTALL):
        if re.search(r'method="post"', form, re.IGNORECASE):
            assert re.search(r"csrf_token|csrfmiddlewaretoken", form)


@each([path for path in STYLES if path.name != "tokens.css"])
def test_stylesheet_takes_its_colours_from_the_tokens(path):
    source = path.read_text()
    assert not re.search(r"#[0-9A-Fa-f]{3,8}\b(?![^{]*\{)", source)
    assert "rgb(" not in source


@each(STYLES)
def test_stylesheet_is_balanced_and_safe_for_every_direction(path):
    source = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert source.count("{") == source.count("}")
    assert not re.search(r"(margin|padding|border)-(left|right)\b|text-align: (left|right)", source)


@each(STYLES)
def test_stylesheet_uses_only_tokens_that_exist(path):
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    known = set(re.findall(r"(--[\w-]+):", tokens))
    used = set(re.findall(r"var\((--[\w-]+)", path.read_text()))
    assert used <= known


@each(SCRIPTS)
def test_script_needs_no_exception_from_the_policy(path):
    source = path.read_text()
    assert not re.search(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|setAttribute\('style'", source
    )


def test_paper_is_printed_from_the_light_tokens():
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
    assert re.search(r"@media screen \{\s*\[data-bs-theme=\"dark\"\]", tokens)


@each([*TEMPLATES, *(settings.BASE_DIR / "templates").rglob("*.txt")])
def test_template_says_times_by_the_clock_of_twelve_hours(path):
    """ "10:40" in a school day, "9:05 PM" where it may be any hour; never 21:05."""
    formats = re.findall(r'\|(?:date|time):"([^"]*)"', path.read_text())

    assert [each for each in formats if re.search(r"[HGP]", each)] == []
