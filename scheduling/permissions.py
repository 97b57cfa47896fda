"""Who may do what with times and meetings they can already see."""

from datetime import date, datetime

from people.cadence import ON_GRID
from people.models import Assistance, Pairing, Person, Role, School
from people.models.persons import in_force
from people.permissions import can_administer

from .models import Invitation, Meeting, SignUp


def can_place(person: Person, host: Person, *, on: date) -> bool:
    """Hosts place anybody in their own grid; so may an assistant whom they named."""
    return (
        person.pk == host.pk
        or Assistance.objects.filter(in_force(on), host=host, assistant=person).exists()
    )


def can_sign_up(person: Person, pairing: Pairing, sign_up: SignUp | None, *, at: datetime) -> bool:
    """The attendee, while their invitation to this sign-up is open."""
    return (
        person.pk == pairing.attendee_id
        and sign_up is not None
        and Invitation.objects.open(at, pairing.school.today(at))
        .filter(pairing=pairing, sign_up=sign_up)
        .exists()
    )


def can_change_times(person: Person, pairing: Pairing, *, on: date) -> bool:
    """Either of the two moves, skips and cancels; so may the host's assistant."""
    return pairing.is_party(person) or can_place(person, pairing.host, on=on)


def cadences_open_to(person: Person, pairing: Pairing, *, on: date) -> list[str]:
    """How often whoever moves a series may have it: hosts anything, attendees what is offered."""
    if can_place(person, pairing.host, on=on):
        return [str(each) for each in ON_GRID]
    return [pairing.cadence, *(each for each in pairing.offered if each != pairing.cadence)]


def can_record(person: Person, meeting: Meeting) -> bool:
    """Only the two themselves say whether they met."""
    return meeting.pairing.is_party(person)


def can_keep_timetable(person: Person, owner: Person, school: School, *, on: date) -> bool:
    """Everybody keeps their own lessons and duties; administrators those of their school."""
    belongs = Role.objects.live(owner, on=on).filter(school=school).exists()
    return belongs and (person.pk == owner.pk or can_administer(person, school, on=on))
