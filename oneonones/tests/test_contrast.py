"""Every pair of colours that the design uses is readable, in both themes (WCAG 2.2 AA)."""

import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()
TEXT, SHAPE = 4.5, 3.0


def block(selector):
    found = re.search(re.escape(selector) + r"\s*\{(.*?)\n\s*\}", TOKENS, re.DOTALL)
    return dict(re.findall(r"(--[\w-]+):\s*(#[0-9A-Fa-f]{6})", found.group(1)))


LIGHT = block(":root")
DARK = LIGHT | block('[data-bs-theme="dark"]')


GROUNDS = ["paper", "surface", "sunk"]
ON_GROUNDS = {
    TEXT: ["ink", "ink-2", "link", "plum-ink", "error-ink", "w-ink", "b-ink", "m-ink"],
    SHAPE: ["w-line", "b-line", "m-line", "plum", "control-line", "focus", "primary", "error"],
}
ON_A_RHYTHM = {TEXT: ["{0}-ink", "ink", "ink-2"], SHAPE: ["{0}-line", "focus", "primary"]}
OTHERS = {
    TEXT: [
        "on-primary/primary",
        "on-primary/primary-hover",
        "primary-ink/primary-tint",
        "ink/primary-tint",
        "ink-2/primary-tint",
        "link/primary-tint",
        "plum-ink/plum-tint",
        "ink/plum-tint",
        "ink-2/plum-tint",
        "link/plum-tint",
        "error-ink/error-tint",
        "ink/error-tint",
        "link/error-tint",
        "on-ink/ink-bar",
        "on-ink-link/ink-bar",
        "see-ink/see-tint",
        "see-ink/surface",
        "ink/see-tint",
        "on-w/w-fill",
        "on-b/b-fill",
        "on-m/m-fill",
    ],
    # A taken place against its cell; the yellow one relies on its outline
    SHAPE: [
        "plum/plum-tint",
        "focus/primary-tint",
        "focus/plum-tint",
        "focus/see-tint",
        "see/see-tint",
        "see/surface",
        "w-line/surface",
        "b-line/surface",
        "m-line/surface",
        "w-fill/w-tint",
        "m-fill/m-tint",
    ],
}


def pairs(least):
    """Every front and ground that needs this ratio."""
    plain = [(front, ground) for ground in GROUNDS for front in ON_GROUNDS[least]]
    rhythms = [(front.format(r), f"{r}-tint") for r in "wbm" for front in ON_A_RHYTHM[least]]
    return plain + rhythms + [tuple(pair.split("/")) for pair in OTHERS[least]]


def luminance(colour):
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first, second):
    """The ratio of WCAG 2.2, from 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("least", [TEXT, SHAPE], ids=["text", "shapes"])
def test_every_pair_of_colours_is_readable(theme, least):
    ratios = {pair: contrast(theme[f"--{pair[0]}"], theme[f"--{pair[1]}"]) for pair in pairs(least)}
    assert len(ratios) > 40
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < least} == {}


def test_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
