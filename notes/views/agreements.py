"""Reading the words, saying yes or not now, and ending an agreement."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from people.fresh import ask_again
from people.models import Pairing, Role
from people.permissions import hosting_school
from people.words import protocols_for, standing_words

from .. import actions, vault
from ..forms import AnswerForm
from ..models import StandingAcceptance
from ..standing import card_of, standing_of
from .who import NOT_KEPT, next_page, pairing_for, viewer_of


@require_safe
def agreement(request, uid):
    pairing = pairing_for(request, uid)
    return _agreement_page(request, pairing, protocol=request.GET.get("words", ""))


@require_POST
def agreement_accept(request, uid):
    pairing = pairing_for(request, uid)
    offered = protocols_for(pairing, on=pairing.school.today(request.now))
    form = AnswerForm(request.POST, protocols=offered)
    if not form.is_valid():
        return _agreement_page(request, pairing, next(iter(form.errors.values()))[0])
    protocol = form.cleaned_data["protocol"]
    now = standing_of(pairing, request.person, at=request.now, protocol=protocol)
    if now.asks_for and (again := ask_again(request)):
        return again
    try:
        version = actions.agree(
            pairing,
            shown=form.cleaned_data["words"],
            protocol=protocol,
            by=request.person,
            at=request.now,
        )
    except actions.CannotAgree as error:
        return _agreement_page(request, pairing, str(error))
    except vault.Away:
        return _agreement_page(request, pairing, NOT_KEPT, protocol)
    messages.success(
        request,
        "You both said yes."
        if version.is_in_force
        else "Your yes is kept. It holds once you have both said yes.",
    )
    return redirect(next_page(request) or reverse("notes:agreement", args=[pairing.uid]))


@require_POST
def agreement_decline(request, uid):
    pairing = pairing_for(request, uid)
    try:
        actions.decline(pairing, by=request.person, at=request.now)
    except actions.CannotAgree as error:
        return _agreement_page(request, pairing, str(error))
    except vault.Away:
        return _agreement_page(request, pairing, NOT_KEPT)
    messages.success(request, "That is fine. What each of you writes stays with its writer.")
    return redirect(next_page(request) or reverse("notes:agreement", args=[pairing.uid]))


@require_POST
def agreement_withdraw(request, uid):
    pairing = pairing_for(request, uid)
    try:
        actions.withdraw(pairing, by=request.person, at=request.now)
    except actions.CannotAgree as error:
        return _agreement_page(request, pairing, str(error))
    except vault.Away:
        return _agreement_page(request, pairing, NOT_KEPT)
    messages.success(request, "The agreement has ended. From now on what you write is your own.")
    return redirect("notes:agreement", pairing.uid)


@require_http_methods(["GET", "POST"])
def standing(request):
    viewer = viewer_of(request)
    school = hosting_school(request.roles)
    asked = request.POST.get("kind") or request.GET.get("kind") or _usual_kind(request)
    if asked not in Pairing.Kind.values:
        raise Http404
    words = standing_words(asked, host=viewer, school=school)
    is_accepted = words is not None and _has_accepted(viewer, words)
    if request.method == "GET" and next_page(request) and is_accepted:
        return redirect(next_page(request))  # Invite leads through here, and asks once
    trouble = ""
    if request.method == "POST" and words is not None:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            trouble = next(iter(form.errors.values()))[0]
        elif form.cleaned_data["words"] != words.sha256:
            trouble = "The words have changed since you opened this page. Here they are now."
        else:
            try:
                actions.accept_standing(words, school=school, by=viewer, at=request.now)
            except vault.Away:
                trouble = NOT_KEPT
            else:
                messages.success(request, "Kept. Whoever says yes to these words has yours too.")
                return redirect(next_page(request) or request.get_full_path())
    return render(
        request,
        "notes/standing.html",
        {
            "words": words,
            "kind": asked,
            "kind_label": Pairing.Kind(asked).label,
            "next": next_page(request),
            "trouble": trouble,
            "is_accepted": is_accepted,
        },
    )


def _agreement_page(request, pairing, trouble="", protocol=""):
    offered = protocols_for(pairing, on=pairing.school.today(request.now))
    protocol = protocol if protocol in offered else ""
    now = standing_of(pairing, request.person, at=request.now, protocol=protocol)
    shown = now.words.protocol if now.words else ""
    return render(
        request,
        "notes/agreement.html",
        {
            "pairing": pairing,
            "standing": now,
            "card": card_of(now, pairing, at=request.now),
            "other": pairing.other(request.person),
            "trouble": trouble,
            "next": next_page(request),
            "is_offer": now.is_in_force and shown not in (now.version.protocol, now.proposed),
            "others": [each for each in offered if each != shown],
            "in_force": now.version.protocol if now.version else "",
            "is_part": bool(request.htmx),  # of a page that tells what comes after booking
            "waits_for_lead": pairing.kind == Pairing.Kind.COUNSELING
            and not pairing.school.can_counsel,
        },
    )


def _has_accepted(viewer, words):
    return (
        StandingAcceptance.objects.visible_to(viewer)
        .filter(words_sha256=words.sha256, language=words.language)
        .exists()
    )


def _usual_kind(request):
    kinds = [role.kind for role in request.roles if role.school_id == request.school.pk]
    if Role.Kind.COUNSELOR in kinds and Role.Kind.LEADER not in kinds:
        return Pairing.Kind.COUNSELING
    return Pairing.Kind.STAFF_CHECK_IN
