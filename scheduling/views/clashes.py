"""Times that meet a lesson of one of the two: where they could go, and keeping them."""

from django.contrib import messages
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from people.models import Pairing
from people.undo_bar import offer

from .. import actions
from ..clashes import add_offers, clashes_of
from ..models import Booking, Meeting

SHOWN = 12  # with offers; the rest come up when these are settled


@require_safe
def clash_list(request):
    mine = standing_near_a_lesson(request.person, on=request.today).with_place()
    clashes = clashes_of([each for each in mine if _is_asked(each, request)], at=request.now)
    shown = clashes[:SHOWN]
    add_offers(shown, at=request.now)
    return render(
        request,
        "scheduling/clash_list.html",
        {
            "rows": [_row(each, request.person) for each in shown],
            "more": len(clashes) - len(shown),
            "is_part": bool(request.htmx),  # of a page that asked whether there may be any
        },
    )


def _is_asked(booking, request):
    """Whether a page asks about this booking: one of its own, those with somebody, or all."""
    uid, other = request.GET.get("booking", ""), request.GET.get("with", "")
    if uid:
        return uid == str(booking.uid)
    return other in ("", str(booking.pairing.other(request.person).uid))


def meeting_a_lesson(person, *, at, on):
    """
    A person's live bookings that meet a lesson, soonest first, as a page says which.

    One question where none is near a lesson, and those of `clashes_of` where one is.
    """
    near = standing_near_a_lesson(person, on=on).with_place()
    return [_row(each, person) for each in clashes_of(near, at=at)]


def standing_near_a_lesson(person, *, on):
    """A person's live bookings that may meet a lesson; what a page asks before it says more."""
    return Booking.objects.visible_to(person).live().filter(ends_on__gte=on).near_a_lesson()


def clashing(person, *, at, on):
    """
    A person's pairings with dates that clash, soonest first, and those that may meet a lesson.

    `undecided_at` is the first date of which nobody has said what then, or None; `may_clash` says
    whether the place is near a lesson. Both in one question.
    """
    undecided = Meeting.objects.visible_to(person).undecided(at).order_by("original_starts_at")
    return (
        Pairing.objects.visible_to(person)
        .annotate(
            may_clash=Exists(standing_near_a_lesson(person, on=on).filter(pairing=OuterRef("pk"))),
            undecided_at=Subquery(
                undecided.filter(pairing=OuterRef("pk")).values("original_starts_at")[:1],
                output_field=DateTimeField(),
            ),
        )
        .filter(Q(may_clash=True) | Q(undecided_at__isnull=False))
        .with_people()
        .order_by(F("undecided_at").asc(nulls_last=True), "pk")
    )


def _row(clash, viewer):
    return {
        "clash": clash,
        "other": clash.pairing.other(viewer),
        "words": clash.words_for(viewer),
        "offers": [
            {
                "seat": each.seat,
                "day": clash.calendar.columns.get(each.seat.slot.column, ""),
                "first": each.first.at[0],
            }
            for each in clash.offers
        ],
    }


@require_POST
def clash_keep(request, uid):
    booking = get_object_or_404(Booking.objects.visible_to(request.person), uid=uid)
    try:
        offer(
            request,
            actions.keep_despite_lesson(booking, by=request.person, at=request.now),
        )
    except actions.CannotBook as error:
        messages.error(request, str(error))
    return redirect("scheduling:clash_list")
