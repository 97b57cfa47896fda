"""How far a school is with its people: the steps of this app on the set-up page."""

from datetime import date

from .models import Person, Role, School
from .steps import State, Step, register


def school_state(school: School, on: date) -> State:
    return State(is_done=True, words=f"{school.name}, {school.time_zone.replace('_', ' ')}.")


def roster_state(school: School, on: date) -> State:
    held = Role.objects.in_force(on).filter(school=school, person__is_active=True)
    staff = held.filter(kind__in=(*Role.HOSTS, Role.Kind.TEACHER, Role.Kind.SUPPORT_STAFF))
    count = staff.values("person").distinct().count()
    students = held.filter(kind=Role.Kind.STUDENT).count()
    if not count:
        return State(
            is_done=False, words="Nobody yet. One sheet with the staff is enough to begin."
        )
    words = f"{count} staff, {students} students."
    return State(is_done=True, words=words, action="Import a roster again")


def leader_state(school: School, on: date) -> State:
    leaders = Person.objects.holding([Role.Kind.LEADER], school, on=on)
    if not leaders.exists():
        return State(is_done=False, words="Nobody is a leader yet.")
    invited = leaders.filter(user__is_active=True).order_by("pk").first()
    if invited is None:
        return State(is_done=False, words="No leader can sign in yet.")
    return State(is_done=True, words=f"{invited.name} can sign in.", action="Invite another leader")


def counseling_state(school: School, on: date) -> State:
    lead = school.safeguarding_lead
    if lead is not None and school.can_counsel:
        words = f"{lead.name}, {school.safeguarding_phone}."
        return State(is_done=True, words=words, action="Change the lead")
    return State(
        is_done=False, words="Counseling waits for a safeguarding lead with a phone number."
    )


def register_steps() -> None:
    register(Step(10, "School", "Change the school", "people:school_edit", school_state))
    register(Step(20, "People", "Import a roster", "people:roster_import", roster_state))
    register(
        Step(
            50,
            "First leader",
            "Invite a leader",
            "people:person_list",
            leader_state,
            query="?role=leader",
        )
    )
    register(Step(70, "Safeguarding lead", "Name the lead", "people:school_edit", counseling_state))
