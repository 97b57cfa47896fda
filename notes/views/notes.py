"""Reading and writing the notes of a meeting."""

from dataclasses import replace

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from people.models import Pairing, Role
from people.permissions import holds_here

from .. import actions, vault
from ..audience import Chip
from ..fields import fields_for
from ..forms import NoteForm
from ..headings import shown_to
from ..lasting import kept_on
from ..models import AgreementVersion, Part
from ..models.parts import ALONE
from ..sheet import chips, offered, sheet_as_typed, sheet_of
from ..standing import standing_of
from .who import meeting_for, next_page, viewer_of

NOT_SAVED = "Not saved. Your words are still here."
OTHER_WORDS = (
    "Another window saved other words. Both are kept, one above the other: read them, and finish "
    "again."
)
ON_A_PAGE = 25


@require_safe
@sensitive_variables()
def meeting_notes(request, uid):
    meeting = meeting_for(request, uid)
    sheet = sheet_of(
        meeting, request.person, at=request.now, is_writing=bool(request.GET.get("write"))
    )
    return _notes_page(request, meeting, sheet)


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def note_save(request, uid):
    meeting = meeting_for(request, uid)
    form = _note_form(request, meeting)
    saved, trouble = None, ""
    if form.is_valid():
        try:
            saved = _save(request, meeting, form)
        except vault.Away:
            trouble = NOT_SAVED
    else:
        trouble = f"Not saved. {next(iter(form.errors.values()))[0]}"
    if not request.htmx:
        if saved is not None:
            if saved.elsewhere:
                messages.warning(request, OTHER_WORDS)
            return redirect(_back_to(request, meeting))
        return _as_typed(request, meeting, form, trouble)

    typed = form.typed()
    if saved is not None:
        for key, seen in saved.seen.items():
            ids = " ".join(f"{uid}:{number}" for uid, number in seen)
            typed[key] = (typed[key][0], ids, [])
    sheet = sheet_as_typed(
        meeting, request.person, typed=typed, chosen=form.chosen(), at=request.now
    )
    return render(
        request,
        "notes/meeting_notes.html#saved",
        {
            "sheet": sheet,
            "meeting": meeting,
            "trouble": trouble,
            "saved_at": request.now,
            "is_elsewhere": bool(saved and saved.elsewhere),
            "is_answer": True,
        },
    )


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
def note_finish(request, uid):
    meeting = meeting_for(request, uid)
    form = _note_form(request, meeting)
    if not form.is_valid():
        return _as_typed(request, meeting, form, "")
    try:
        saved = _save(request, meeting, form)
        if saved.elsewhere:
            return _ask_about_other_words(request, meeting)
        actions.finish(
            meeting,
            confirmed=request.POST.get("confirmed"),
            by=request.person,
            at=request.now,
        )
    except vault.Away:
        return _as_typed(request, meeting, form, NOT_SAVED)
    except actions.AgreementChanged as change:
        return _ask_again(request, meeting, change)
    messages.success(request, "The note is finished.")
    return redirect(_back_to(request, meeting))


@require_safe
def note_list(request):
    viewer = viewer_of(request)
    visible = Part.objects.visible_to(viewer, at=request.now)
    mine = visible.filter(author=viewer, meeting__isnull=False).on_pages()
    is_alone = request.GET.get("show") == "alone"
    meetings = (
        mine.filter(ALONE if is_alone else Q())
        .values("meeting__uid", "meeting__starts_at", "pairing", "school__time_zone")
        .annotate(drafts=Count("pk", filter=Q(is_draft=True)))
        .order_by("-meeting__starts_at", "-meeting__pk")
    )
    page = Paginator(meetings, ON_A_PAGE).get_page(request.GET.get("page"))
    pairings = Pairing.objects.with_people().in_bulk({row["pairing"] for row in page.object_list})
    notes = [
        {
            "url": reverse("notes:meeting_notes", args=[row["meeting__uid"]]),
            "starts_at": row["meeting__starts_at"],
            "zone": row["school__time_zone"],
            "pairing": pairings[row["pairing"]],
            "other": pairings[row["pairing"]].other(viewer),
            "is_unfinished": row["drafts"] > 0,
        }
        for row in page.object_list
    ]
    return render(
        request,
        "notes/note_list.html",
        {
            "page": page,
            "notes": notes,
            "is_alone": is_alone,
            "can_log": holds_here(request.roles, Role.Kind.COUNSELOR),
            "is_shown_headings": shown_to(viewer, visible).exists(),
        },
    )


def _note_form(request, meeting):
    pairing, viewer = meeting.pairing, request.person
    return NoteForm(
        request.POST,
        fields=fields_for(pairing, is_host=viewer.pk == pairing.host_id),
        offered=offered(pairing, viewer, standing_of(pairing, viewer, at=request.now)),
    )


def _save(request, meeting, form):
    shown = request.POST.get("shown", "")
    versions = AgreementVersion.objects.visible_to(request.person).of(meeting.pairing)
    version = next((each for each in versions if str(each.uid) == shown), None)
    return actions.save_drafts(
        meeting, entries=form.entries(), shown=version, by=request.person, at=request.now
    )


def _notes_page(request, meeting, sheet, **more):
    template = "notes/meeting_notes.html"
    if request.htmx:
        template += "#notes"
    return render(
        request,
        template,
        {
            "sheet": sheet,
            "kept": kept_on(sheet, at=request.now),
            "meeting": meeting,
            "next": next_page(request) or _came_from(request),
            "trouble": "",
            "change": None,
            "form": None,
            "saved_at": None,
            "is_elsewhere": False,
            "is_answer": False,
            **more,
        },
    )


def _as_typed(request, meeting, form, trouble):
    """The page again with every word that was typed, and what is wrong."""
    sheet = sheet_as_typed(
        meeting, request.person, typed=form.typed(), chosen=form.chosen(), at=request.now
    )
    return _notes_page(request, meeting, sheet, form=form, trouble=trouble)


def _ask_again(request, meeting, change):
    """Both lists: who would have seen each field when typing began, and who will now."""
    sheet = sheet_of(meeting, request.person, at=request.now, is_writing=True)
    before = [
        {
            "label": line.field.label,
            "before": _before(sheet, line, change, request.now),
            "now": line.chip,
        }
        for line in sheet.lines
        if line.field.kind != "private"
    ]
    confirmed = str(change.now.uid) if change.now else "none"
    return _notes_page(
        request,
        meeting,
        sheet,
        change={"fields": before, "confirmed": confirmed, "why": str(change)},
    )


def _before(sheet, line, change, at):
    if change.before is None:
        return Chip(1, "Only you")
    change.before.pairing = sheet.pairing
    then = replace(sheet, standing=replace(sheet.standing, version=change.before))
    return chips(then, line.field, line.chosen, at=at)[0]


def _ask_about_other_words(request, meeting):
    sheet = sheet_of(meeting, request.person, at=request.now, is_writing=True)
    return _notes_page(request, meeting, sheet, trouble=OTHER_WORDS)


def _came_from(request):
    """The page into which htmx has loaded these notes."""
    return (request.htmx and request.htmx.current_url_abs_path) or ""


def _back_to(request, meeting):
    return next_page(request) or reverse("notes:meeting_notes", args=[meeting.uid])
