"""Inviting the staff to pick a time: whom, how often, and the letter."""

from datetime import timedelta

from django.db.models import Exists, Max, Min, OuterRef, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from people.cadence import ON_GRID, Cadence
from people.models import Pairing, Person
from people.permissions import hosting_school, require
from people.undo_bar import offer
from people.words import standing_words

from .. import actions
from ..actions.invitations import KIND
from ..forms.signup import InviteForm, StaffRow
from ..letters import PREFILLED, addressed
from ..models import Booking, Invitation, SignUp, Slot, Term
from ..waiting import Waiting

SUMMER = timedelta(days=100)  # before a first term: who started in it is new with that year


@require_http_methods(["GET", "POST"])
def invite(request):
    host = request.person
    require(host is not None and host.is_active)
    school = hosting_school(request.roles)
    on = school.today(request.now)
    slots = Slot.objects.standing().filter(host=host, term=OuterRef("pk"))
    term = (
        Term.objects.annotate(has_times=Exists(slots))
        .select_related("school__safeguarding_lead")
        .current_or_next(school, on=on)
    )
    if term is None or not term.has_times:
        return render(
            request, "scheduling/invite.html", {"form": None, "term": term, "letters": []}
        )
    rows = _rows(request, host, school, term)
    sign_up = SignUp.objects.filter(host=host, term=term).first()
    form = InviteForm(rows=rows, initial={"letter": sign_up.letter if sign_up else PREFILLED})
    if request.method == "POST":
        form = InviteForm(request.POST, rows=rows)
        if "preview" in request.POST:
            return _page(request, form, term, "scheduling/invite.html#preview")
        if form.is_valid():
            try:
                done = actions.invite(
                    host,
                    school,
                    term,
                    [actions.Invitee(*each) for each in form.ticked],
                    form.cleaned_data["letter"],
                    by=host,
                    at=request.now,
                )
            except actions.CannotSend as error:
                form.add_error(None, str(error))
            else:
                offer(request, done.change)
                return redirect(_words_page())
    return _page(request, form, term)


def _words_page():
    """Where the host accepts the words that go with every invitation; it leads back to the grid."""
    query = urlencode({"kind": KIND, "next": reverse("scheduling:schedule")})
    return f"{reverse('notes:standing')}?{query}"


def _page(request, form, term, template="scheduling/invite.html"):
    host, school = request.person, term.school
    if not request.htmx:
        template = "scheduling/invite.html"
    words = form["letter"].value() or ""
    return render(
        request,
        template,
        {
            "form": form,
            "term": term,
            "host": host,
            "role": request.roles[0].label,
            "cadences": ON_GRID,
            "letters": [
                {"cadence": each, "letter": _letter(form, each, words, school)}
                for each in form.sample_cadences
            ],
            "exception": standing_words(KIND, host=host, school=school).exception,
        },
    )


def _letter(form, cadence, words, school):
    return addressed(_sample(form, cadence), cadence, 30, words, rotates=school.rotates)


def _sample(form, cadence):
    """Somebody who would get this letter."""
    found = (row.person for row in form.rows if row.is_ticked and row.cadence == cadence)
    person = next(found, None)
    return person.first_name if person else "Hello"


def _rows(request, host, school, term):
    """Everybody on the staff list but the host, and those who have a time already."""
    on = school.today(request.now)
    booked = Booking.objects.live().filter(pairing=OuterRef("pk"), term=term)
    pairings = {
        pairing.attendee_id: pairing
        for pairing in Pairing.objects.visible_to(host)
        .hosted_by(host)
        .in_force(on)
        .filter(school=school, kind=KIND)
        .annotate(is_booked=Exists(booked), **Invitation.objects.facts(term))
    }
    new_since = _new_since(term)
    ticks = request.GET.get("tick") != "none"
    rows = []
    for person in Person.objects.staff_of(school, on=on).exclude(pk=host.pk).by_name():
        pairing = pairings.get(person.pk)
        if pairing is None:
            is_new = new_since is not None and (person.started_on or new_since) > new_since
            cadence = Cadence.WEEKLY if is_new else Cadence.MONTHLY
            rows.append(StaffRow(person, cadence, ticks, is_new))
        elif not pairing.is_booked:
            pairing.school = school
            is_asked = pairing.invited_at is not None
            cadence = pairing.cadence if pairing.cadence in ON_GRID else Cadence.MONTHLY
            state = Waiting(pairing, on=on).state if is_asked else ""
            rows.append(StaffRow(person, cadence, ticks and not is_asked, state=state))
    return rows


def _new_since(term):
    """The day after which somebody who started is new this school year."""
    year = Term.objects.filter(school=term.school_id).aggregate(
        first=Min("starts_on", filter=Q(school_year=term.school_year)),
        before=Max("ends_on", filter=Q(school_year__lt=term.school_year)),
    )
    return year["before"] or year["first"] - SUMMER
