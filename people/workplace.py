"""At which of their schools somebody works: chosen, kept in the session, carried by forms."""

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from .models import Role, School

CHOSEN = "school"  # in the session: the school's uid, and nothing else of it
MADE_FOR = "made_for"  # in a form: the uid of the school that its page was about


def of(request: HttpRequest, roles: Sequence[Role]) -> tuple[School, list[School]]:
    """
    The school that a request of somebody with these roles is about, and all they can choose from.

    A form is about the school for which it was made, whatever was chosen in another window since.
    Then comes the choice, then the first school at which somebody hosts or administers.
    """
    places = {str(role.school.uid): role.school for role in roles if _is_of_one_school(role)}
    for wanted in (_made_for(request), request.session.get(CHOSEN)):
        if wanted in places:
            return places[wanted], list(places.values())
    first = next(iter(places.values()), roles[0].school)
    return first, list(places.values())


def keep(request: HttpRequest, workplaces: Sequence[School]) -> None:
    """
    Go on at the school for which a form was made, and forget a choice that roles no longer allow.

    Refuses the form of a school at which there is nothing to do any more, with 403.
    """
    places = {str(school.uid) for school in workplaces}
    made_for = _made_for(request)
    if made_for is not None:
        if made_for not in places:
            raise PermissionDenied
        choose(request, made_for)
    elif request.session.get(CHOSEN) not in {None, *places}:
        del request.session[CHOSEN]


def choose(request: HttpRequest, uid: object) -> None:
    """Work at a school from now on; it is held against the roles in force on every request."""
    if request.session.get(CHOSEN) != str(uid):
        request.session[CHOSEN] = str(uid)


def _made_for(request: HttpRequest) -> str | None:
    return request.POST.get(MADE_FOR) if request.method == "POST" else None


def _is_of_one_school(role: Role) -> bool:
    return role.kind in Role.AT_ONE_SCHOOL
