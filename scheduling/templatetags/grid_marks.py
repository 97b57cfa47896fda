"""
The cells of the term grid and the people beside it, each drawn by one function: a page has dozens
of them, and tags would cost several times as much. Whatever anybody typed passes `format_html`,
which escapes it.
"""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from people.templatetags.components import chip
from people.templatetags.marks import avatar, cadence_mark, icon

from ..grid import Box, Cell
from ..waiting import Waiting

register = template.Library()

PLUS = format_html('<span class="plus" aria-hidden="true">{}</span>', icon("plus"))


@register.simple_tag
def grid_cell(cell: Cell, placing: Waiting | None = None, *, oob: bool = False) -> SafeString:
    """
    A button for a day and a period: not offered, busy, or a rhythm with its places.

    It paints the cell; while somebody is being placed it books the seat that fits them, or nothing.
    """
    return format_html(
        '<button {} class="slot slot-{}{}" id="{}" data-brush="{}" data-where="{}" data-time="{}"'
        '{}{}{}><span class="visually-hidden">{}, {}. </span>{}</button>',
        _does(cell, placing),
        cell.kind,
        " fits" if cell.fits else "",
        cell.id,
        cell.letter,
        cell.where,
        cell.bells,
        format_html(' data-about="{}"', cell.key) if cell.taken else "",
        " autofocus" if cell.is_first else "",
        SafeString(' hx-swap-oob="true"') if oob else "",
        cell.where,
        cell.bells,
        _places(cell) if cell.slot else _not_offered(cell),
    )


def _does(cell: Cell, placing: Waiting | None) -> SafeString:
    """What happens when the button is pressed."""
    if placing is None:
        return format_html('type="submit" name="cell" value="{}"', cell.key)
    if cell.fits:
        return format_html('type="submit" name="seat" value="{}"', cell.fits.seat.uid)
    return SafeString('type="button" aria-disabled="true"')


def _places(cell: Cell) -> SafeString:
    """The rhythm of a painted cell and its seats: drawn, and in words."""
    return format_html(
        '<span class="slot-top">{}<span class="visually-hidden">. </span>'
        '<span class="slot-left">{}</span></span>'
        '<span class="segs" aria-hidden="true">{}</span>'
        '<span class="visually-hidden screen-only desc">. {}</span>',
        cadence_mark(cell.slot.cadence) if cell.slot else "",
        format_html("<b>{}</b> open", cell.open) if cell.open else "Full",
        SafeString("".join(map(_drawn, cell.boxes))),
        format_html_join("", "{}. ", ((_said(box),) for box in cell.boxes)),
    )


def _drawn(box: Box) -> SafeString:
    if box.person is None:
        return format_html('<span class="seg">{}</span>', box.label)
    return format_html(
        '<span class="seg taken"><span class="screen-only">{}</span>'
        '<span class="print-only">taken</span></span>',
        box.person.initials,
    )


def _said(box: Box) -> str:
    """ "Week A: Ben Carter", "Week B: open, after the last talks of Priya Nair"."""
    lasting = box.lasting and not box.booking
    after = f", after the last talks of {box.lasting_name}" if lasting else ""
    return f"{box.when}: {box.name}{after}"


def _not_offered(cell: Cell) -> SafeString:
    if cell.busy:
        return format_html(
            '<span class="visually-hidden">You have </span><span class="what">{}</span>'
            '<span class="visually-hidden">. Not offered.</span>',
            cell.busy,
        )
    mark = (
        format_html('<span aria-hidden="true" class="num">{}</span>', cell.bells)
        if cell.is_odd
        else PLUS
    )
    return format_html('<span class="visually-hidden">Not offered.</span>{}', mark)


@register.simple_tag
def waiting_person(each: Waiting) -> SafeString:
    """Somebody in the panel: name, job, and how it stands with their time."""
    person, pairing = each.pairing.attendee, each.pairing
    return format_html(
        '{}<span><b>{}</b><small>{}<span class="visually-hidden">, {}</span></small></span>'
        '<span class="state">{}</span>',
        avatar(person, pairing.cadence),
        each.name,
        person.job,
        pairing.get_cadence_display().lower(),
        chip(each.state, "care", "clock") if each.past_due is not None else each.state,
    )
