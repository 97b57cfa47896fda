"""The drawn marks of the interface: icons, rhythm, initials, who can see this."""
# ruff: noqa: E501 -- a drawing is one string

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from people.cadence import LETTERS, Cadence

register = template.Library()

# Drawn by hand on a grid of 20 px with a stroke of 1.6 px; always beside a word.
ICONS = {
    "arrow": '<path d="M4 10h12M11.5 5.5L16 10l-4.5 4.5"/>',
    "bulb": '<path d="M7.6 15.6h4.8M8.4 18h3.2"/><path d="M6.8 13c-1.5-1-2.4-2.5-2.4-4.3a5.6 5.6 0 0 1 11.2 0c0 1.8-.9 3.3-2.4 4.3z"/>',
    "calendar": '<rect x="3" y="4.2" width="14" height="12.8" rx="2"/><path d="M3 8.4h14M6.8 2.6v3.2M13.2 2.6v3.2M6.8 11.6h.01M10 11.6h.01M13.2 11.6h.01M6.8 14.2h.01M10 14.2h.01"/>',
    "chat": '<path d="M3 4.5h14v9H9l-4 3.2v-3.2H3z"/>',
    "check": '<path d="M4 10.6l4 4 8-9"/>',
    "clock": '<circle cx="10" cy="10" r="7.2"/><path d="M10 5.8V10l2.8 2"/>',
    "door": '<path d="M9 3H4v14h5"/><path d="M8.6 10H17M13.6 6.6L17 10l-3.4 3.4"/>',
    "down": '<path d="M4.5 7.5L10 13l5.5-5.5"/>',
    "eye": '<path d="M1.8 10S4.8 4.6 10 4.6 18.2 10 18.2 10 15.2 15.4 10 15.4 1.8 10 1.8 10z"/><circle cx="10" cy="10" r="2.4"/>',
    "flag": '<path d="M5 17V3.5h9.5l-2 3.5 2 3.5H5"/>',
    "grid": '<rect x="3" y="3.5" width="14" height="13" rx="2"/><path d="M3 8h14M3 12.2h14M8.2 3.5v13M12.6 3.5v13"/>',
    "key": '<rect x="2.4" y="5" width="15.2" height="10" rx="2"/><path d="M5.6 8.2h.01M8.6 8.2h.01M11.6 8.2h.01M14.4 8.2h.01M6.4 12h7.2"/>',
    "leaf": '<path d="M4 16c0-8 4-12 12.4-12C16.4 12 12 16 6.6 14.4M4 16l6-6"/>',
    "left": '<path d="M12 4.5L6.5 10l5.5 5.5"/>',
    "lock": '<rect x="4" y="9" width="12" height="8" rx="2"/><path d="M6.8 9V6.6a3.2 3.2 0 0 1 6.4 0V9"/>',
    "mail": '<rect x="2.6" y="4.6" width="14.8" height="10.8" rx="2"/><path d="M3 6l7 5 7-5"/>',
    "moon": '<path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z"/>',
    "note": '<path d="M5 3h7l4 4v10H5z"/><path d="M12 3v4h4M7.6 10.5h5M7.6 13.5h5"/>',
    "passkey": '<circle cx="6.6" cy="10" r="3.6"/><path d="M10.2 10h7.2v3.2M13.8 10v2.4"/>',
    "people": '<circle cx="7" cy="7.2" r="2.8"/><path d="M2 16c.4-3 2.4-4.6 5-4.6s4.6 1.6 5 4.6"/><path d="M12.6 4.8a2.6 2.6 0 0 1 0 5M14.4 11.8c2 .5 3.3 2 3.6 4.2"/>',
    "person": '<circle cx="10" cy="6.8" r="3.2"/><path d="M3.8 17c.5-3.6 3-5.4 6.2-5.4s5.7 1.8 6.2 5.4"/>',
    "pin": '<path d="M10 17.4s5.6-5 5.6-9A5.6 5.6 0 0 0 4.4 8.4c0 4 5.6 9 5.6 9z"/><circle cx="10" cy="8.2" r="2"/>',
    "plus": '<path d="M10 4v12M4 10h12"/>',
    "print": '<path d="M6 7V3h8v4"/><rect x="3" y="7" width="14" height="7" rx="1.6"/><path d="M6 12h8v5H6z"/>',
    "redo": '<path d="M16 8H8a4 4 0 0 0 0 8h4"/><path d="M13 5l3 3-3 3"/>',
    "right": '<path d="M8 4.5l5.5 5.5L8 15.5"/>',
    "screen": '<rect x="2.6" y="3.6" width="14.8" height="10.2" rx="2"/><path d="M10 13.8V17M6.6 17h6.8"/>',
    "search": '<circle cx="8.6" cy="8.6" r="5.2"/><path d="M12.6 12.6L17 17"/>',
    "setup": '<path d="M3 6h7.4M14.6 6H17M3 14h2.4M9.6 14H17"/><circle cx="12.5" cy="6" r="2.1"/><circle cx="7.5" cy="14" r="2.1"/>',
    "shield": '<path d="M10 2.6l6 2.2v4.4c0 4-2.5 6.7-6 8.2-3.5-1.5-6-4.2-6-8.2V4.8z"/>',
    "sparkle": '<path d="M10 3l1.7 4.6L16.4 9l-4.7 1.6L10 15.4 8.3 10.6 3.6 9l4.7-1.4z"/>',
    "today": '<circle cx="10" cy="10" r="3.2"/><path d="M10 2.4v2M10 15.6v2M2.4 10h2M15.6 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4"/>',
    "undo": '<path d="M4 8h8a4 4 0 0 1 0 8H8"/><path d="M7 5L4 8l3 3"/>',
    "warn": '<circle cx="10" cy="10" r="7.4"/><path d="M10 6v4.8M10 13.6v.2" stroke-width="2"/>',
    "x": '<path d="M5 5l10 10M15 5L5 15"/>',
}

# A Harvey ball: the share of weeks in which two people meet.
BALLS = {
    "": "",
    "w": '<circle cx="8" cy="8" r="4.9" fill="currentColor"/>',
    "b": '<path d="M8 3.1a4.9 4.9 0 0 1 0 9.8z" fill="currentColor"/>',
    "m": '<path d="M8 8V3.1A4.9 4.9 0 0 1 12.9 8z" fill="currentColor"/>',
}

# The rhythm round a person's initials: solid, dashed, dotted.
RINGS = {
    "": "",
    "w": '<circle class="av-ring" cx="20" cy="20" r="18.2" stroke-width="2.4"/>',
    "b": '<circle class="av-ring" cx="20" cy="20" r="18.2" stroke-width="2.6" stroke-dasharray="7.62 3.81"/>',
    "m": '<circle class="av-ring" cx="20" cy="20" r="18.2" stroke-width="3" stroke-linecap="round" stroke-dasharray="0.01 5.715"/>',
}

SIZES = ("", "sm", "lg", "xl")

LOGO = (
    '<svg class="logo" viewBox="0 0 32 32" aria-hidden="true" focusable="false">'
    '<path d="M5.6 15.2a8 8 0 0 1 13.7-7.1" fill="none" stroke="currentColor" stroke-width="3.4"'
    ' stroke-linecap="round"/>'
    '<path d="M26.4 16.8a8 8 0 0 1-13.7 7.1" fill="none" stroke="currentColor" stroke-width="3.4"'
    ' stroke-linecap="round" stroke-dasharray="4.6 5.1"/>'
    '<circle cx="13.3" cy="15.6" r="2.5" fill="currentColor"/>'
    '<circle cx="19.4" cy="16.6" r="2.5" fill="currentColor"/></svg>'
)


_LETTERS = {each.value: short for each, short in LETTERS.items()} | {each: each for each in "wbm"}


@register.filter
def letter(cadence: str) -> str:
    """w, b or m for a cadence or for its letter; empty for those that the grid does not know."""
    return _LETTERS.get(cadence, "")


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon; decorative, so a word stands beside it. An unknown name is a bug: KeyError."""
    return format_html(
        '<svg class="ic{}" viewBox="0 0 20 20" aria-hidden="true" focusable="false" fill="none"'
        ' stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
        "{}</svg>",
        f" {css}" if css else "",
        SafeString(ICONS[name]),
    )


@register.simple_tag
def ball(cadence: str, css: str = "") -> SafeString:
    """The Harvey ball of a cadence; empty for those without a rhythm."""
    rhythm = letter(cadence)
    if not rhythm:
        return SafeString("")
    return format_html(
        '<svg class="ball ball-{}{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">'
        '<circle cx="8" cy="8" r="6.75" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        "{}</svg>",
        rhythm,
        f" {css}" if css else "",
        SafeString(BALLS[rhythm]),
    )


@register.simple_tag(name="cadence")
def cadence_mark(cadence: str, words: str = "") -> SafeString:
    """How often, as ball and word; other words may stand instead ("Biweekly, week B")."""
    rhythm = letter(cadence)
    return format_html(
        '<span class="cad{}">{}<span>{}</span></span>',
        f" cad-{rhythm}" if rhythm else "",
        ball(cadence),
        words or _word(cadence),
    )


def _word(cadence: str) -> str:
    """What a cadence, or its letter, is called."""
    by_letter = {short: full for full, short in LETTERS.items()}
    return Cadence(by_letter.get(cadence, cadence)).label


@register.simple_tag
def avatar(person, cadence: str = "", size: str = "") -> SafeString:
    """A person's initials on a disc, ringed by the rhythm; decorative, the name stands beside it."""
    if size not in SIZES:
        raise template.TemplateSyntaxError(f"avatar: no size {size!r}")
    rhythm = letter(cadence)
    classes = [f"av-{size}"] * bool(size) + [f"av-c-{rhythm}"] * bool(rhythm)
    return format_html(
        '<span class="av{}" aria-hidden="true"><svg viewBox="0 0 40 40" focusable="false">'
        '<circle class="av-disc" cx="20" cy="20" r="15.5"/>{}'
        '<text x="20" y="20.5" text-anchor="middle" dominant-baseline="central">{}</text>'
        "</svg></span>",
        "".join(f" {name}" for name in classes),
        SafeString(RINGS[rhythm]),
        person.initials,
    )


@register.simple_tag
def see(level: int, words: str) -> SafeString:
    """Who can see this: 1 only you, 2 the two, 3 named people, 4 school totals; in words."""
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="6.5" height="{}" rx="1.4" class="{}"/>',
        (
            (9 * (bar - 1), 10 - 2.5 * bar, 3.5 + 2.5 * bar, "on" if bar <= int(level) else "off")
            for bar in range(1, 5)
        ),
    )
    return format_html(
        '<span class="see see-{}"><svg class="see-bars" viewBox="0 0 34 14" aria-hidden="true"'
        ' focusable="false">{}</svg><span class="see-t">{}</span></span>',
        int(level),
        bars,
        words,
    )


@register.simple_tag
def logo() -> SafeString:
    """Two arcs leaning to each other, one solid, one dashed: two people, a rhythm."""
    return SafeString(LOGO)


@register.simple_tag
def kbd(key: str) -> SafeString:
    return format_html("<kbd>{}</kbd>", key)


@register.simple_tag(takes_context=True)
def error_prefix(context) -> str:
    """ "Error: " for the page's title while the page's form has a problem."""
    form = context.get("form")
    return "Error: " if form is not None and form.is_bound and form.errors else ""
