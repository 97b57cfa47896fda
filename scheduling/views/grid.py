"""The schedule: a host's grid, painting it, and placing people in it."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.db.models import FilteredRelation, Q, Subquery
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from people import undo_bar
from people.actions import undo
from people.cadence import CYCLE
from people.models import Change, Pairing
from people.permissions import can_administer, hosting_school, require
from people.undo import CannotUndo

from .. import actions, grid, waiting
from ..actions.grid import VERB
from ..availability import bell_times_of, calendar_of, openings
from ..elsewhere import commitments_around, here
from ..forms.grid import BRUSHES, PaintForm, PlaceForm, spots_of
from ..models import BellTime, Booking, Invitation, SchoolDay, SchoolWeek, Seat, Term
from ..models.calendar import column_name, columns_of, cycle_word
from ..overdue import with_days_past
from ..rollover import near_turn
from .clashes import meeting_a_lesson

FILTERS = {"": "To place", "past": "Past due", "all": "All"}
STEPS_BACK = 100  # how many paintings can be undone


@require_safe
def schedule(request):
    page = Page.of(request)
    return render(request, "scheduling/schedule.html", page.context(request.GET))


@require_POST
def cells_paint(request):
    page = Page.of(request)
    form = PaintForm(request.POST, spots=spots_of(page.columns, page.bell_times))
    if not form.is_valid():
        return page.answer(problem=form.problem)
    term = Term.objects.of(page.school).filter(uid=form.cleaned_data["term"]).first()
    if term is None:
        return page.answer(problem="That term is no longer there. Your grid is as it was.")
    cells, cadence = form.cleaned_data["cells"], form.cleaned_data["cadence"]
    try:
        done = actions.paint(
            page.host, page.school, term, cells, cadence, by=page.host, at=request.now
        )
    except actions.CannotPaint as error:
        return page.answer(problem=str(error))
    names = dict(page.columns)
    painted = [(names[column], period) for column, period in done.painted]
    return page.answer(
        said=grid.painted_words(painted, cadence),
        problem=grid.refused_words(done.refused),
        change=done.change,
    )


@require_POST
def paint_undo(request):
    page = Page.of(request)
    change = page.last_change
    if change is None:
        return page.answer(problem="There is nothing to undo here.")
    try:
        undo(change, by=page.host, at=request.now)
    except CannotUndo as error:
        return page.answer(problem=str(error))
    return page.answer(said="Undone.", change=change, undo="Undo one more")


@require_POST
def paint_redo(request):
    page = Page.of(request)
    change = page.last_undone
    if change is None:
        return page.answer(problem="There is nothing to do again here.")
    try:
        actions.repaint(change, by=page.host, at=request.now)
    except actions.CannotPaint as error:
        return page.answer(problem=str(error))
    return page.answer(said="Done again.", change=change)


@require_POST
def place_book(request):
    page = Page.of(request)
    pairings = Pairing.objects.visible_to(page.host).hosted_by(page.host).in_force(page.on)
    form = PlaceForm(request.POST, pairings=pairings.filter(school=page.school))
    if not form.is_valid():
        return page.answer(problem=form.problem)
    pairing, uid = form.cleaned_data["pairing"], form.cleaned_data["seat"]
    seats = Seat.objects.filter(slot__host=page.host, slot__school=page.school)
    seat = seats.filter(uid=uid).select_related("slot__period").first()
    if seat is None:
        return page.answer(problem="That time is no longer offered.", place=pairing)
    try:
        booked = actions.book(pairing, seat, by=page.host, at=request.now)
    except actions.CannotBook as error:
        return page.answer(problem=str(error), place=pairing)
    undo_bar.offer(request, booked.change)
    return redirect(page.address(about=_key(seat)))


@require_POST
def place_release(request, uid):
    page = Page.of(request)
    bookings = Booking.objects.visible_to(page.host).filter(
        pairing__host=page.host, pairing__school=page.school
    )
    booking = get_object_or_404(bookings.select_related("seat__slot__period"), uid=uid)
    try:
        change = actions.release(booking, by=page.host, at=request.now)
    except actions.CannotBook as error:
        return page.answer(problem=str(error))
    undo_bar.offer(request, change)
    return redirect(page.address(about=_key(booking.seat)))


def _key(seat):
    slot = seat.slot
    return f"{slot.column}-{slot.period.uid}" if slot.period else ""


def _term(school, on):
    """
    The term to paint, with the week of the cycle that it is now: None in a closed week; and with
    the column and the pass of today, None on a day without school.
    """
    week = SchoolWeek.objects.filter(
        school=school, starts_on__lte=on, starts_on__gt=on - timedelta(days=7), is_open=True
    )
    day = SchoolDay.objects.open().filter(school=school, date=on)
    terms = Term.objects.annotate(
        cycle_week=Subquery(week.values("cycle_week")[:1]),
        column=Subquery(day.values("column")[:1]),
        pass_number=Subquery(day.values("pass_number")[:1]),
    )
    return terms.current_or_next(school, on=on)


@dataclass
class Page:
    """What every answer of the schedule starts from: whose grid, at which school, which term."""

    request: object
    school: object
    term: Term | None
    bell_times: list[BellTime]

    @classmethod
    def of(cls, request):
        """The page of a host at the school at which they work; 403 for everybody else."""
        person = request.person
        require(person is not None and person.is_active)
        school = hosting_school(request.roles)
        return cls(
            request,
            school,
            _term(school, school.today(request.now)),
            bell_times_of(school),
        )

    @property
    def host(self):
        return self.request.person

    @property
    def columns(self):
        return columns_of(self.school)

    @property
    def on(self) -> date:
        return self.school.today(self.request.now)

    # --- what was done last ---

    def _changes(self):
        changes = Change.objects.visible_to(self.host).recent(self.request.now)
        return changes.filter(verb=VERB, refs__term=self.term.pk if self.term else None)

    def steps(self) -> tuple[int | None, int | None]:
        """The paintings that Undo and Redo would turn, by key."""
        changes = self._changes().order_by("-pk").values_list("pk", "undone_at")
        return grid.steps(list(changes[:STEPS_BACK]))

    @property
    def last_change(self):
        return self._changes().filter(pk=self.steps()[0]).first()

    @property
    def last_undone(self):
        return self._changes().filter(pk=self.steps()[1]).first()

    # --- answers ---

    def address(self, **extra):
        """The schedule as it is being looked at: brush, day, filter, and what else is given."""
        sent = self.request.POST or self.request.GET
        query = {name: sent.get(name, "") for name in ("brush", "day", "show")} | extra
        query = {name: value for name, value in query.items() if value}
        return reverse("scheduling:schedule") + (f"?{urlencode(query)}" if query else "")

    def answer(self, *, said="", problem="", change=None, place=None, undo="Undo"):
        """After a change: its cells and the panel for htmx, else the page; with the undo bar."""
        # Names of who is in the way stay out of the session: that page is shown at once
        words = " ".join(filter(None, [said, problem])) or "Nothing changed."
        bar = self._bar(change) | {"sentence": words, "undo": undo}
        if self.request.htmx:
            context = self.context(self.request.POST) | {"undo_bar": bar}
            context["changed"] = context["grid"].at(
                (column, period) for column, period, *_ in (change.refs["cells"] if change else ())
            )
            return render(self.request, "scheduling/schedule.html#changes", context)
        if not problem:
            undo_bar.offer(self.request, change)
            return redirect(self.address())
        sent = self.request.POST.copy()
        sent["place"] = str(place.uid) if place else ""
        context = self.context(sent) | {"undo_bar": bar}
        return render(self.request, "scheduling/schedule.html", context)

    def _bar(self, change):
        """The ways back and forth from a change; neither where nothing was done."""
        standing, again = self.steps() if change else (None, None)
        return {
            "url": reverse("scheduling:paint_undo") if standing else "",
            "redo_url": reverse("scheduling:paint_redo") if again else "",
        }

    def context(self, sent):
        """Everything that the page shows, in a number of queries that does not grow."""
        pairings = self._pairings()
        claims = self._claims(pairings)
        asked = self._asked(pairings, sent.get("place"))
        mine, around = self._commitments(asked)
        cells = grid.build(
            self.columns,
            self.bell_times,
            claims,
            mine,
            unit=cycle_word(self.school),
        )
        booked = {each.pairing_id for _, each in claims if each and each.released_at is None}
        people = waiting.people_of(cells, pairings, booked, on=self.on)
        to_place = [each for each in people if each.can_be_placed]
        placing = next((each for each in to_place if each.pairing is asked), None)
        if placing:
            self._let_answer(cells, placing, around)
        about = None if placing else cells.cells.get(sent.get("about", ""))
        if about:
            about.is_first = True
        shown = {
            "": to_place,
            "past": [each for each in people if each.past_due is not None],
            "all": people,
        }
        show = sent.get("show") if sent.get("show") in FILTERS else ""
        return {
            "grid": cells,
            "term": self.term,
            "now_is": self._now_in_words(),
            "unit": cycle_word(self.school),
            "is_running": self.term is not None and self.term.starts_on <= self.on,
            "missing": self._missing(cells),
            "may_administer": not cells.rows and can_administer(self.host, self.school, on=self.on),
            "brush": sent.get("brush") if sent.get("brush") in BRUSHES else "w",
            "day": self._day(cells, sent.get("day"), about),
            "supply": waiting.supply(cells, [each.pairing for each in to_place]),
            "people": people,
            "shown": shown[show],
            "show": show,
            "filters": [
                {"key": key, "name": name, "count": len(shown[key]), "url": self._filter(sent, key)}
                for key, name in FILTERS.items()
            ],
            "placing": placing,
            "turn": None if placing else near_turn(self.school, on=self.on),
            "clashes": meeting_a_lesson(self.host, at=self.request.now, on=self.on),
            "about": about,
        }

    def _filter(self, sent, key):
        query = {"brush": sent.get("brush"), "day": sent.get("day"), "show": key}
        kept = urlencode({name: value for name, value in query.items() if value})
        return reverse("scheduling:schedule") + f"?{kept}#people"

    # --- rows ---

    def _claims(self, pairings):
        """
        Every seat with the booking that holds it or has talks to come, or None; one query, and one
        more if a place is still kept of which the pairing is over.
        """
        holding = Q(bookings__released_at__isnull=True) | Q(bookings__ends_on__gt=self.on)
        seats = (
            Seat.objects.filter(
                slot__host=self.host, slot__term=self.term, slot__removed_at__isnull=True
            )
            .annotate(claim=FilteredRelation("bookings", condition=holding))
            .select_related("slot", "claim")
            .order_by("pk")
        )
        claims = [(seat, getattr(seat, "claim", None)) for seat in seats]
        known = {each.pk: each for each in pairings}
        held = {claim.pairing_id for _, claim in claims if claim}
        if held - known.keys():
            over = Pairing.objects.filter(pk__in=held - known.keys()).with_people()
            known |= {each.pk: each for each in over}
        for _, claim in claims:
            if claim:
                claim.pairing = known[claim.pairing_id]
        return claims

    def _commitments(self, asked):
        """The host's own from today on, and all of them and whom they place; one query."""
        people = [self.host.pk, *([asked.attendee_id] if asked else [])]
        around = commitments_around(people, self.term)
        mine = here(around, self.host.pk, self.term)
        mine = [each for each in mine if each.ends_on is None or each.ends_on >= self.on]
        return sorted(mine, key=lambda each: (each.starts_at, each.pk)), around

    def _pairings(self):
        mine = (
            Pairing.objects.visible_to(self.host)
            .hosted_by(self.host)
            .in_force(self.on)
            .filter(school=self.school)
            .select_related("attendee")
            .annotate(**Invitation.objects.facts(self.term))
        )
        pairings = list(with_days_past(mine, on=self.on))
        for each in pairings:
            each.host, each.school = self.host, self.school  # they are at hand
        return pairings

    def _asked(self, pairings, uid):
        """The pairing that is to be placed; 404 unless it is one of the host's own."""
        if not uid:
            return None
        found = next((each for each in pairings if str(each.uid) == uid), None)
        if found is None:
            raise Http404
        return found

    def _let_answer(self, cells, placing, around):
        self.term.school = self.school
        free = [box.seat for cell in cells.cells.values() for box in cell.boxes if not box.booking]
        pairing = placing.pairing
        found = openings(
            self.host,
            pairing.attendee,
            self.term,
            cadences=[pairing.cadence],
            now=self.request.now,
            seats=free,
            calendar=calendar_of(self.term, bell_times=self.bell_times),
            around=around,
        )
        grid.let_answer(cells, [opening.seat for opening in found])

    def _missing(self, cells):
        """What the school still has to set up before anybody can paint."""
        if self.term is None:
            return "Your school has no term yet."
        if not cells.rows:
            return "Your school has no bell times yet."
        return ""

    def _now_in_words(self):
        """ "week A, week 3 of 4"; "Day 3, pass A, pass 3 of 4" in a rotation."""
        term = self.term
        if term is None:
            return ""
        if not self.school.rotates:
            week = SchoolWeek(cycle_week=term.cycle_week)
            return f"week {week.letter}, week {week.cycle_week} of 4" if week.cycle_week else ""
        if not term.column:
            return ""
        place = (term.pass_number - 1) % CYCLE + 1
        name = column_name(self.school, term.column)
        return f"{name}, pass {'BA'[place % 2]}, pass {place} of {CYCLE}"

    def _day(self, cells, asked, about):
        """The one day that a phone shows."""
        first = cells.fitting[0] if cells.fitting else about
        columns = dict(cells.columns)
        for column in (first and first.column, asked, self.term and self.term.column):
            if column in columns:
                return column
        return next(iter(columns))
