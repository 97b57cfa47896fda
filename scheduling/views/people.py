"""The people one meets: the list, a person's page, and writing down a talk nobody planned."""

from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from people.models import Leave, Pairing, Person, Role
from people.permissions import can_host, require
from people.undo_bar import offer

from .. import actions
from ..availability import free_times, with_proposals
from ..forms.meetings import LogForm, WhenForm, chosen_time
from ..models import Booking, Meeting, Term
from ..overdue import with_days_past
from .clashes import standing_near_a_lesson

IN_THE_HALLWAY = 10  # minutes
SHOWN = 12  # talks of each kind on a person's page; the rest are one click away


def _heading(request):
    """What one calls the people one meets; the navigation says the same."""
    kinds = {role.kind for role in request.roles}
    if Role.Kind.LEADER in kinds:
        return "People"
    return "Students" if Role.Kind.COUNSELOR in kinds else "My one-on-ones"


def _with_times(pairings, *, at, on):
    """What a list of people says of each: the next talk, and whether it has been a while."""
    coming = Meeting.objects.filter(pairing=OuterRef("pk")).upcoming(at).in_order()
    held = Booking.objects.live().filter(pairing=OuterRef("pk"))
    return with_days_past(pairings, on=on).annotate(
        next_at=Subquery(coming.values("starts_at")[:1], output_field=DateTimeField()),
        has_place=Exists(held),
    )


@require_safe
def people(request):
    pairings = (
        _with_times(
            Pairing.objects.visible_to(request.person).in_force_at(request.now, request.schools),
            at=request.now,
            on=request.today,
        )
        .with_people()
        .order_by(F("last_met_on").asc(nulls_first=True), "pk")
    )
    show = request.GET.get("show", "")
    away = Leave.objects.last_days(
        [each.other(request.person).pk for each in pairings], on=request.today
    )
    rows = [
        {
            "pairing": each,
            "other": each.other(request.person),
            "away_until": away.get(each.other(request.person).pk),
            **_state(each, request),
        }
        for each in pairings
    ]
    if show == "past_due":
        rows = [row for row in rows if row["days_past"]]
    elif show == "without":
        rows = [row for row in rows if row["pairing"].next_at is None]
    return render(
        request,
        "scheduling/people.html",
        {
            "rows": rows,
            "show": show,
            "heading": _heading(request),
            "is_host": any(each.host_id == request.person.pk for each in pairings)
            or can_host(request.person, request.school, on=request.today),
        },
    )


def _state(pairing, request):
    """Days past the agreed week, for the host only: the other never sees a lateness."""
    is_host = pairing.host_id == request.person.pk
    return {"days_past": (is_host and pairing.days_past) or 0}


@require_safe
def person_page(request, uid):
    other = get_object_or_404(Person.objects.visible_to(request.person, on=request.today), uid=uid)
    pairings = (
        list(
            _with_times(
                Pairing.objects.visible_to(request.person)
                .of(other)
                .in_force_at(request.now, request.schools),
                at=request.now,
                on=request.today,
            )
            .with_people()
            .order_by("pk")
        )
        if other.pk != request.person.pk
        else []
    )
    talks = _talks_with(other, request.person)
    coming = list(talks.upcoming(request.now).in_order()[:SHOWN]) if pairings else []
    leaves = (
        list(
            Leave.objects.lasting(request.today)
            .filter(person__in=[request.person, other])
            .order_by("starts_on")
        )
        if pairings
        else []
    )
    everything = request.GET.get("show") == "all"
    past = (
        list(
            talks.filter(Q(ends_at__lte=request.now) | Q(status=Meeting.Status.HELD)).order_by(
                "-starts_at", "-pk"
            )[: 500 if everything else SHOWN + 1]
        )
        if pairings
        else []
    )
    return render(
        request,
        "scheduling/person_page.html",
        {
            "other": other,
            "heading": _heading(request),
            "pairings": [{"pairing": each, **_state(each, request)} for each in pairings],
            "coming": coming,
            "undecided": with_proposals(
                talks.undecided(request.now).select_related("booking__term__school").in_order(),
                now=request.now,
            )
            if pairings
            else [],
            "leaves": [each for each in leaves if each.person_id == other.pk],
            "away": _while_away(coming, leaves, other),
            "let_go": list(
                talks.filter(
                    starts_at__gt=request.now,
                    status__in=(Meeting.Status.SKIPPED, Meeting.Status.CANCELLED),
                    ended_at__isnull=False,
                ).in_order()[:SHOWN]
            )
            if pairings
            else [],
            "past": past if everything else past[:SHOWN],
            "has_more": len(past) > SHOWN and not everything,
            "is_me": other.pk == request.person.pk,
            "clash_query": f"?with={other.uid}",
            "may_clash": bool(pairings)
            and standing_near_a_lesson(request.person, on=request.today)
            .filter(pairing__in=[each.pk for each in pairings])
            .exists(),
            "keeps_timetable": any(
                role.kind == Role.Kind.SCHOOL_ADMIN and role.school == request.school
                for role in request.roles
            ),
        },
    )


def _while_away(talks, leaves, other):
    """The talks on days on which one of the two is away, who that is and until when."""
    found = []
    for talk in talks:
        on = talk.school.today(talk.starts_at)
        for leave in leaves:
            if leave.starts_on <= on <= leave.ends_on:
                talk.other, talk.away_until = other, leave.ends_on
                talk.is_mine = leave.person_id != other.pk
                found.append(talk)
                break
    return found


@require_http_methods(["GET", "POST"])
def talk_log(request, uid):
    """Write down a talk that nobody had planned."""
    pairing = get_object_or_404(
        Pairing.objects.visible_to(request.person)
        .in_force_at(request.now, request.schools)
        .with_people(),
        uid=uid,
    )
    require(pairing.is_party(request.person))
    zone = pairing.school.zone
    if request.method == "POST":
        form = LogForm(request.POST, zone=zone, at=request.now)
        if form.is_valid():
            try:
                made = actions.log_talk(
                    pairing,
                    by=request.person,
                    at=request.now,
                    starts_at=form.moment(),
                    minutes=form.cleaned_data["minutes"],
                )
            except actions.CannotChange as error:
                form.add_error(None, str(error))
            else:
                offer(request, made.change)
                return redirect(made.meeting)
    else:
        initial = LogForm.just_over(request.now, IN_THE_HALLWAY, zone)
        form = LogForm(initial=initial, zone=zone, at=request.now)
    return render(
        request,
        "scheduling/talk_log.html",
        {"form": form, "other": pairing.other(request.person), "school": pairing.school},
    )


@require_http_methods(["GET", "POST"])
def talk_plan(request, uid):
    """Plan one talk outside any series."""
    pairing = get_object_or_404(
        Pairing.objects.visible_to(request.person)
        .in_force_at(request.now, request.schools)
        .with_people(),
        uid=uid,
    )
    require(pairing.is_party(request.person))
    other, zone = pairing.other(request.person), pairing.school.zone
    form = WhenForm(initial={"minutes": pairing.minutes}, zone=zone)
    if request.method == "POST":
        chosen = chosen_time(request.POST.get("choice", ""))
        offered = chosen and WhenForm.starting(chosen, pairing.minutes, zone)
        form = WhenForm(offered or request.POST, zone=zone)
        if form.is_valid():
            try:
                made = actions.plan_single(
                    pairing,
                    by=request.person,
                    at=request.now,
                    starts_at=chosen or form.moment(),
                    minutes=form.cleaned_data["minutes"],
                )
            except actions.CannotChange as error:
                form.add_error(None, str(error))
            else:
                offer(request, made.change)
                return redirect(made.meeting)
    on = pairing.school.today(request.now)
    term = Term.objects.current_or_next(pairing.school, on=on)
    times = free_times(pairing.host, pairing.attendee, term, now=request.now) if term else []
    theirs = Pairing.objects.visible_to(request.person).of(other)
    coming = _talks_with(other, request.person).filter(pairing__in=theirs).upcoming(request.now)
    return render(
        request,
        "scheduling/talk_plan.html",
        {
            "form": form,
            "other": other,
            "school": pairing.school,
            "coming": coming.in_order().first(),
            "nearest": times[:3],
            "more": times[3:40],
        },
    )


def _talks_with(other, person):
    """The talks of a person with somebody else, as their pages show them."""
    talks = Meeting.objects.visible_to(person).filter(attendances__person=other)
    return talks.shown().select_related("school")
