"""The log of a school: who keeps its anchors, a line held against it, who opened very much."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit import anchors
from audit.actions import verify
from audit.keyring import KeyRingError
from people.fresh import ask_again
from people.permissions import require

from .. import actions, watching
from ..forms import AnchorForm, KeeperForm
from ..models import LogKeeper
from ..models.keepers import WANTED, suited
from ..permissions import can_choose_keepers, keeps_log
from .who import viewer_of

SHOWN = 20  # alerts
INSTALLATION = 0  # its own chain: keys, backups


@require_safe
def log(request):
    school, keeps, chooses = _entered(request)
    return _page(request, school, keeps=keeps, chooses=chooses)


@require_POST
def log_check(request):
    """Hold lines of a mail against the log. Changes nothing; a line stands in no address."""
    school, keeps, chooses = _entered(request)
    form = AnchorForm(request.POST, chains=(school.pk, INSTALLATION))
    said = {"keeps": keeps, "chooses": chooses, "form": form}
    if not form.is_valid():
        return _page(request, school, **said)
    lines = form.cleaned_data["lines"]
    try:
        found = [verify(chain=chain) for chain in sorted({line.chain for line in lines})]
        cut = [problem for line in lines for problem in anchors.problems(line)]
    except KeyRingError:
        return _page(request, school, **said, is_away=True)
    return _page(
        request,
        school,
        **said,
        outcome={
            "oldest": min(line.on for line in lines),
            "cut": cut,
            "broken": sum(each.problem_count for each in found),
            "lines": len(lines),
        },
    )


@require_POST
def keeper_name(request):
    school, _, chooses = _entered(request)
    require(chooses)
    if again := ask_again(request):
        return again
    form = KeeperForm(request.POST, people=suited(school, on=request.today).by_name())
    if not form.is_valid():
        messages.warning(request, form.errors["person"][0])
        return redirect("notes:log")
    person = form.cleaned_data["person"]
    try:
        actions.name_keeper(school, person, by=request.person, at=request.now)
    except actions.CannotKeep as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"{person.name} is told, and gets the first line tomorrow.")
    return redirect("notes:log")


@require_POST
def keeper_dismiss(request, uid):
    school, _, chooses = _entered(request)
    keepers = LogKeeper.objects.filter(school=school).select_related("person")
    keeper = get_object_or_404(keepers, person__uid=uid)
    require(chooses or keeper.person_id == request.person.pk)
    if again := ask_again(request):
        return again
    try:
        actions.dismiss_keeper(keeper, by=request.person, at=request.now)
    except actions.CannotKeep as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, "Done. Choose somebody else soon: two keep more than one.")
    return redirect("notes:log" if chooses else "people:account")


def _entered(request):
    """The school of the log, and what one may do here; 403 for everybody else."""
    viewer = viewer_of(request)
    school = request.school
    require(school is not None)
    keeps = keeps_log(viewer, school, on=request.today)
    chooses = can_choose_keepers(viewer, school, on=request.today)
    require(keeps or chooses)
    return school, keeps, chooses


def _page(request, school, *, keeps, chooses, form=None, **said):
    keepers = list(LogKeeper.objects.filter(school=school).select_related("person").order_by("pk"))
    standing = set(
        LogKeeper.objects.standing(school, on=request.today).values_list("pk", flat=True)
    )
    can_add = chooses and len(standing) < WANTED
    return render(
        request,
        "notes/log.html",
        {
            "keepers": [(each, each.pk in standing) for each in keepers],
            "missing": WANTED - len(standing),
            "keeps": keeps,
            "chooses": chooses,
            "form": form or AnchorForm(),
            "keeper_form": KeeperForm(people=suited(school, on=request.today).by_name())
            if can_add
            else None,
            "alerts": watching.alerts(school, most=SHOWN) if keeps else [],
            "outcome": None,
            "is_away": False,
            **said,
        },
    )
