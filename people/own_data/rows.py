"""What this app keeps of people, read for one of them."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import Q

from audit.models import Event

from ..models import (
    Assistance,
    Departure,
    Group,
    Guardianship,
    Handover,
    ImportRun,
    Line,
    LoginMove,
    OutgoingMail,
    Pairing,
    Person,
    Role,
    School,
    Session,
)
from .chapters import Chapter, Row, leave_out, name_for, register

# What others did to somebody's record; of all else they did, nothing is about one person alone
ABOUT_PEOPLE = (Event.Act.PERSON_CHANGE, Event.Act.ROLE_CHANGE)


def _profile(person: Person, at: datetime) -> list[Row]:
    user = person.user
    return [
        {
            "given name": person.given_name,
            "family name": person.family_name,
            "preferred name": person.preferred_name,
            "pronouns": person.pronouns,
            "e-mail": person.email,
            "job": person.job,
            "grade": person.grade,
            "started on": person.started_on,
            "id in the school's system": person.external_id,
            "known from": person.source.name if person.source else "by hand",
            "language": person.language,
            "reminders": person.get_reminder_display(),
            "quiet from": person.quiet_from,
            "quiet until": person.quiet_until,
            "invitations for the calendar": person.calendar_by_mail,
            "hides names": person.hides_names,
            "uses shortcuts": person.uses_shortcuts,
            "word beside notes": person.is_nudged,
            "signs in as": user.email if user else "",
            "has a password": bool(user and user.has_usable_password()),
            "login since": user.date_joined if user else None,
            "signed in last": user.last_login if user else None,
        }
    ]


def _roles(person: Person, at: datetime) -> list[Row]:
    rows = Role.objects.filter(person=person).select_related("school").order_by("starts_on", "pk")
    found: list[Row] = [
        {
            "school": role.school.name,
            "role": role.get_kind_display(),
            "title": role.title,
            "from": role.starts_on,
            "until": role.ends_on,
        }
        for role in rows
    ]
    named = School.objects.filter(safeguarding_lead=person).order_by("name")
    return found + [
        {"school": each.name, "role": "Named to families as the lead"} for each in named
    ]


def _groups(person: Person, at: datetime) -> list[Row]:
    rows = person.memberships.select_related("group__school").order_by("starts_on", "pk")
    return [
        {
            "school": each.group.school.name,
            "group": each.group.name,
            "kind": each.group.get_kind_display(),
            "as": "adult" if each.is_adult else "student",
            "from": each.starts_on,
            "until": each.ends_on,
        }
        for each in rows
    ]


def _families(person: Person, at: datetime) -> list[Row]:
    ties = Guardianship.objects.filter(Q(guardian=person) | Q(student=person))
    return [
        {
            "guardian": name_for(person, tie.guardian),
            "student": name_for(person, tie.student),
            "household": tie.household,
            "from": tie.starts_on,
            "until": tie.ends_on,
        }
        for tie in ties.select_related("guardian", "student").order_by("starts_on", "pk")
    ]


def _lines(person: Person, at: datetime) -> list[Row]:
    lines = Line.objects.filter(Q(person=person) | Q(manager=person))
    return [
        {
            "who answers": name_for(person, line.person),
            "to whom": name_for(person, line.manager),
            "from": line.starts_on,
            "until": line.ends_on,
        }
        for line in lines.select_related("person", "manager").order_by("starts_on", "pk")
    ]


def _pairings(person: Person, at: datetime) -> list[Row]:
    pairings = Pairing.objects.visible_to(person).with_people().order_by("starts_on", "pk")
    return [
        {
            "school": each.school.name,
            "with": each.other(person).name,
            "kind": each.get_kind_display(),
            "you": "host" if each.host_id == person.pk else "attendee",
            "how often": each.get_cadence_display(),
            "minutes": each.minutes,
            "who leads": each.get_ownership_display(),
            "from": each.starts_on,
            "until": each.ends_on,
            "paused": each.is_paused,
            "last met on": each.last_met_on,
        }
        for each in pairings
    ]


def _assistances(person: Person, at: datetime) -> list[Row]:
    rows = Assistance.objects.filter(Q(host=person) | Q(assistant=person))
    return [
        {
            "host": name_for(person, each.host),
            "who books times": name_for(person, each.assistant),
            "from": each.starts_on,
            "until": each.ends_on,
        }
        for each in rows.select_related("host", "assistant").order_by("starts_on", "pk")
    ]


def _leaves(person: Person, at: datetime) -> list[Row]:
    rows = person.leaves.order_by("starts_on", "pk")
    return [{"away from": each.starts_on, "until": each.ends_on} for each in rows]


def _departures(person: Person, at: datetime) -> list[Row]:
    rows = Departure.objects.filter(person=person).select_related("school", "to_school")
    return [
        {
            "school": each.school.name,
            "last day": each.last_day,
            "goes on at": each.to_school.name if each.to_school else "",
            "as": each.get_to_kind_display(),
            "taken back": each.taken_back_at,
            "carried out": each.ended_at,
        }
        for each in rows.order_by("last_day", "pk")
    ]


def _handovers(person: Person, at: datetime) -> list[Row]:
    rows = Handover.objects.filter(leaver=person).select_related(
        "pairing__host", "pairing__attendee", "group", "to"
    )
    return [
        {
            "of yours": each.pairing.other(person).name if each.pairing else _name_of(each.group),
            "goes to": name_for(person, each.to) or "nobody",
        }
        for each in rows.order_by("pk")
    ]


def _name_of(group: Group | None) -> str:
    return group.name if group else ""


def _mails(person: Person, at: datetime) -> list[Row]:
    rows = OutgoingMail.objects.filter(person=person).order_by("due_at", "pk")
    return [
        {
            "kind": each.kind.replace("_", " "),
            "due": each.due_at,
            "sent": each.sent_at,
            "dropped": each.dropped_at,
        }
        for each in rows
    ]


def _changes(person: Person, at: datetime) -> list[Row]:
    rows = person.changes.order_by("at", "pk")
    return [{"what": each.verb, "when": each.at, "undone": each.undone_at} for each in rows]


def _imports(person: Person, at: datetime) -> list[Row]:
    rows = ImportRun.objects.filter(by=person).select_related("school").order_by("created_at", "pk")
    return [
        {
            "kind": each.get_kind_display(),
            "school": each.school.name if each.school else "every school",
            "begun": each.created_at,
            "state": each.get_state_display(),
        }
        for each in rows
    ]


def _signing_in(person: Person, at: datetime) -> list[Row]:
    user = person.user
    if user is None:
        return []
    found: list[Row] = [
        {
            "what": "browser",
            "which": each.device,
            "since": each.signed_in_at,
            "last used": each.last_seen_at,
            "ends": each.expire_date,
        }
        for each in Session.objects.visible_to(user).newest_first()
    ]
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        found.append(
            {
                "what": "second step",
                "which": factor.get_type_display(),
                "since": factor.created_at,
                "last used": factor.last_used_at,
            }
        )
    for move in LoginMove.objects.filter(person=person).order_by("asked_at", "pk"):
        found.append(
            {
                "what": "another address to sign in with",
                "which": move.address,
                "since": move.asked_at,
                "ends": move.ended_at,
                "how it ended": move.get_ending_display(),
            }
        )
    for address in EmailAddress.objects.filter(user=user).order_by("pk"):
        found.append({"what": "e-mail address", "which": address.email})
    for other in SocialAccount.objects.filter(user=user).order_by("pk"):
        found.append({"what": "other sign-in", "which": other.provider, "since": other.date_joined})
    return found


def _log(person: Person, at: datetime) -> list[Row]:
    """What one did; and that something on one's record was changed, without who did it."""
    own = Event.objects.filter(by=person.pk)
    about = Event.objects.filter(act__in=ABOUT_PEOPLE).naming(f"person:{person.pk}")
    labels = dict(Event.Act.choices)
    rows = [
        *(("You", *each) for each in own.values_list("at", "act")),
        *(("Your record", *each) for each in about.exclude(by=person.pk).values_list("at", "act")),
    ]
    return [
        {"when": moment, "who or what": who, "what": labels.get(act, act)}
        for who, moment, act in sorted(rows, key=lambda row: row[1])
    ]


def register_rows() -> None:
    register(
        Chapter(10, "profile", "About you", ("people.Person.user",), _profile),
        Chapter(
            11, "roles", "Roles", ("people.Role.person", "people.School.safeguarding_lead"), _roles
        ),
        Chapter(12, "groups", "Groups", ("people.Membership.person",), _groups),
        Chapter(
            13,
            "families",
            "Families",
            ("people.Guardianship.guardian", "people.Guardianship.student"),
            _families,
        ),
        Chapter(
            14,
            "line_managers",
            "Line managers",
            ("people.Line.person", "people.Line.manager"),
            _lines,
        ),
        Chapter(
            15,
            "pairings",
            "Whom you meet",
            ("people.Pairing.host", "people.Pairing.attendee"),
            _pairings,
        ),
        Chapter(
            16,
            "assistants",
            "Who books times",
            ("people.Assistance.host", "people.Assistance.assistant"),
            _assistances,
        ),
        Chapter(17, "days_away", "Days away", ("people.Leave.person",), _leaves),
        Chapter(18, "last_days", "Last days", ("people.Departure.person",), _departures),
        Chapter(19, "handed_over", "Handed over", ("people.Handover.leaver",), _handovers),
        Chapter(20, "mails", "Mails to you", ("people.OutgoingMail.person",), _mails),
        Chapter(21, "changes", "Changes that could be undone", ("people.Change.by",), _changes),
        Chapter(22, "imports", "Rosters you brought in", ("people.ImportRun.by",), _imports),
        Chapter(
            23,
            "signing_in",
            "Signing in",
            (
                "people.Session.user",
                "people.LoginMove.person",
                "mfa.Authenticator.user",
                "account.EmailAddress.user",
                "socialaccount.SocialAccount.user",
            ),
            _signing_in,
        ),
        Chapter(90, "log", "What the log keeps of you", (), _log),
    )
    leave_out(
        {
            "people.Departure.successor": "Who takes over from somebody else who leaves: that is "
            "about them until it is yours.",
            "people.LoginMove.asked_by": "What you asked for about somebody else's sign-in: that "
            "is about them; that you did it is in the log.",
            "people.LoginMove.ended_by": "What you answered about somebody else's sign-in: that "
            "is about them; that you did it is in the log.",
            "people.Handover.to": "Who takes over from somebody else who leaves: that is about "
            "them until it is yours.",
        }
    )
