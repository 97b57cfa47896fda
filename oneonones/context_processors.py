"""What every page's frame shows: navigation, who I am, the last thing that can be undone."""

from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from notes.models.holds import MAY_HOLD
from notes.permissions import keeps_log
from people import names, undo_bar
from people.departures import leaves_on
from people.models import Role
from people.permissions import holds_here
from scheduling.models import Invitation

MOST = 5  # items of the navigation; more do not fit a phone


class Section(NamedTuple):
    name: str
    view: str
    icon: str
    opens: tuple[str, ...]  # how the names of the pages begin that belong to it


TODAY = Section("Today", "scheduling:today", "today", ("today", "meeting"))
SCHEDULE = Section(
    "Schedule",
    "scheduling:schedule",
    "grid",
    ("schedule", "grid", "cell", "place", "invit", "where"),
)
PEOPLE = Section(
    "People",
    "scheduling:people",
    "people",
    ("people", "pairing", "person_page", "talk_", "agreement"),
)
STUDENTS = PEOPLE._replace(name="Students")
MINE = PEOPLE._replace(name="My one-on-ones", icon="chat")
NOTES = Section("Notes", "notes:note_list", "note", ("note", "student_note"))
PICK = Section("Pick a time", "scheduling:pick", "clock", ("pick", "sign_up", "booked"))
SETUP = Section(
    "Set-up",
    "people:setup",
    "setup",
    ("setup", "school", "roster", "oneroster", "import", "status", "retention", "log", "keeper"),
)
CALENDAR = Section(
    "Calendar",
    "scheduling:calendar",
    "calendar",
    ("calendar", "term", "closure", "bell", "week", "special", "day", "lesson"),
)
DISTRICT = Section("District", "scheduling:district", "pin", ("district",))
ROSTER = Section(
    "People",
    "people:person_list",
    "person",
    (
        "person_list",
        "person_add",
        "person_edit",
        "person_end",
        "person_erase",
        "second_step",
        "person_invite",
        "person_timetable",
        "role",
        "leave",
        "last_day",
        "hand_over",
        "host",
        "group",
    ),
)


def shell(request):
    """
    The frame of a page. What costs a query is worked out only where a template asks for it, so
    that fragments cost nothing and leave the undo bar to the next whole page.
    """
    person = getattr(request, "person", None)
    roles = getattr(request, "roles", [])
    school = getattr(request, "school", None)
    return {
        "csp_nonce": getattr(request, "csp_nonce", None),
        "is_demo": settings.DEMO and school is not None and school.is_demo,
        "me": person,
        "my_role": roles[0].label if roles else "",
        "nav": SimpleLazyObject(lambda: _navigation(request, person, roles)),
        "school": school,
        "hides_names": names.are_hidden(),
        "leaves_on": leaves_on(roles),
        "can_hold": bool(roles) and holds_here(roles, *MAY_HOLD),
        "can_see_log": bool(roles) and holds_here(roles, Role.Kind.LEADER),
        "keeps_log": SimpleLazyObject(lambda: _keeps_log(request, person)),
        "workplace": _workplace(request, roles, school),
        "undo_bar": SimpleLazyObject(lambda: _undo_bar(request, person)),
    }


def _keeps_log(request, person):
    """Whether somebody keeps the daily line of the log; asked on the page of one's account only."""
    school = getattr(request, "school", None)
    return bool(person and school and keeps_log(person, school, on=request.today))


def _workplace(request, roles, school):
    """The school that pages are about, if it is one; how many there are; whether one chooses."""
    count = len({role.school_id for role in roles if role.kind != Role.Kind.DISTRICT_ADMIN})
    has_choice = len(getattr(request, "workplaces", [])) > 1
    return {
        "school": school if has_choice or count == 1 else None,
        "count": count,
        "has_choice": has_choice,
    }


def _navigation(request, person, roles):
    """At most five items: the union of what a person's roles need."""
    if person is None:
        return []
    items = []
    for section in _sections(request, person, roles):
        url = reverse(section.view)
        items.append(
            {
                "name": section.name,
                "url": url,
                "icon": section.icon,
                "current": _current(request, section, url),
            }
        )
    return items[:MOST]


def _sections(request, person, roles):
    kinds = {role.kind for role in roles}
    hosts = bool(kinds & set(Role.HOSTS))
    meets = bool(kinds - {Role.Kind.SCHOOL_ADMIN, Role.Kind.DISTRICT_ADMIN, Role.Kind.GUARDIAN})
    schedule = [SCHEDULE] if holds_here(roles, *Role.HOSTS) else []
    if meets:
        yield TODAY
    if hosts and Role.Kind.LEADER in kinds:
        yield from (*schedule, PEOPLE)
    elif hosts:
        yield from (STUDENTS, NOTES, *schedule)
    elif meets:
        yield MINE
    if meets and _is_invited(request, person):
        yield PICK
    if Role.Kind.DISTRICT_ADMIN in kinds:
        yield DISTRICT
    if holds_here(roles, Role.Kind.SCHOOL_ADMIN):
        yield from (SETUP, CALENDAR, ROSTER)


def _is_invited(request, person):
    """Whether there is a time to pick; a view that has asked already says `request.is_invited`."""
    if request.is_invited is None:
        request.is_invited = Invitation.objects.of(person).open(request.now, request.today).exists()
    return request.is_invited


def _current(request, section, url):
    """What `aria-current` says: this page, a page of this section, or nothing."""
    if request.path == url:
        return "page"
    match = request.resolver_match
    if match and match.url_name and match.url_name.startswith(section.opens):
        return "true"
    return ""


def _undo_bar(request, person):
    """What was done last, and where to undo it; empty when there is nothing."""
    bar = undo_bar.take(request, person) if person else None
    return bar and {"sentence": bar["sentence"], "url": reverse("people:undo", args=[bar["uid"]])}
