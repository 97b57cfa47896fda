"""How far a school is with its people, its mail and its keys: steps of the set-up page."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime

from audit import keyring

from .models import OutgoingMail, Role, School
from .steps import Step, Survey, register

NO_PEOPLE = "Waits for the people."
UNSENT_IS_TOLD = timedelta(days=7)  # long enough to be seen, and it goes away by itself
SLOW = timedelta(minutes=5)  # a mail on its way for longer means that nothing sends mail


def people_steps(survey: Survey) -> Iterator[Step]:
    school = survey.school
    found = _counted(school, survey)
    people = reverse("people:person_list")
    place = f"{school.name}, {school.time_zone.replace('_', ' ')}."
    yield Step(
        10, "School", place, "Change the school", reverse("people:school_edit"), is_done=True
    )
    yield _roster(found)
    yield _leader(found, people)
    yield _addresses(found, people)
    yield Step(
        70,
        "Safeguarding lead",
        f"Named, with the number {school.safeguarding_phone}."
        if school.can_counsel
        else "Counseling waits for a safeguarding lead with a phone number.",
        "Change the lead" if school.can_counsel else "Name the lead",
        reverse("people:school_edit"),
        is_done=school.can_counsel,
        is_needed=False,
        waits_for="" if found["staff"] else NO_PEOPLE,
    )


def _counted(school: School, survey: Survey) -> dict[str, int]:
    """The people of a school who matter here, in one question."""
    held = Role.objects.in_force(school.today(survey.at)).filter(
        school=school, person__is_active=True
    )
    on_list = (*Role.HOSTS, Role.Kind.TEACHER, Role.Kind.SUPPORT_STAFF)
    hosts, signs_in = Q(kind__in=Role.HOSTS), Q(person__user__is_active=True)

    def count(rows: Q) -> Count:
        return Count("person", distinct=True, filter=rows)

    return held.aggregate(
        staff=count(Q(kind__in=on_list)),
        students=count(Q(kind=Role.Kind.STUDENT)),
        no_email=count(Q(kind__in=Role.STAFF, person__email="")),
        leaders=count(Q(kind=Role.Kind.LEADER)),
        leaders_in=count(Q(kind=Role.Kind.LEADER) & signs_in),
        hosts=count(hosts),
        hosts_in=count(hosts & signs_in),
    )


def _roster(found: dict[str, int]) -> Step:
    url = reverse("people:roster_import")
    if not found["staff"]:
        words = "Nobody yet. One sheet with the staff is enough to begin."
        return Step(20, "People", words, "Import a roster", url)
    words = f"{found['staff']} staff, {_some(found['students'], 'student', 'students')}."
    return Step(20, "People", words, "Import a roster again", url, is_done=True)


def _leader(found: dict[str, int], people: str) -> Step:
    """Leaders and counselors have a grid; one leader who signs in is enough to begin."""
    title, without = "Hosts can sign in", found["hosts"] - found["hosts_in"]
    if not found["staff"]:
        words = "One leader who can sign in is enough to begin."
        return Step(50, title, words, "Invite a leader", people, waits_for=NO_PEOPLE)
    if not found["leaders"]:
        words = "Nobody is a leader yet. Open somebody's page and give them the role."
        return Step(50, title, words, "Choose a leader", f"{people}?role=staff")
    if not found["leaders_in"]:
        words = "No leader can sign in yet. Open their page and let them."
        return Step(50, title, words, "Invite a leader", f"{people}?role=leader")
    words = f"{_some(found['hosts_in'], 'host can', 'hosts can')} sign in."
    if not without:
        return Step(
            50, title, words, "Invite another leader", f"{people}?role=leader", is_done=True
        )
    words += f" {_some(without, 'cannot', 'cannot')} yet."
    return Step(
        50, title, words, "See who cannot", f"{people}?role=hosts&show=no_login", is_done=True
    )


def _addresses(found: dict[str, int], people: str) -> Step:
    title, without = "E-mail addresses", found["no_email"]
    if not found["staff"]:
        words = "They come with the roster."
        return Step(55, title, words, "", "", is_needed=False, waits_for=NO_PEOPLE)
    if not without:
        words = "Everybody on the staff has one."
        return Step(55, title, words, "", "", is_done=True, is_needed=False)
    words = _some(without, "of the staff has none.", "of the staff have none.")
    words += " No invitation reaches them."
    url = f"{people}?role=staff&show=no_email"
    return Step(55, title, words, "See who", url, is_needed=False)


def mail_steps(survey: Survey) -> Iterator[Step]:
    """Whether mail leaves this server: nobody is invited before it does."""
    theirs = Role.objects.filter(school=survey.school).values("person")
    trial = Q(kind="test_mail")
    since = survey.at - UNSENT_IS_TOLD
    tests = OutgoingMail.objects.filter(person__in=theirs).aggregate(
        last_asked=Max("due_at", filter=trial),
        last_sent=Max("sent_at", filter=trial),
        last_dropped=Max("dropped_at", filter=trial),
        unsent=Count("pk", filter=Q(dropped_at__gte=since) & ~trial & ~Q(error="")),
    )
    asked_at, sent_at = tests["last_asked"], tests["last_sent"]
    dropped_at = tests["last_dropped"]
    is_done = sent_at is not None and (dropped_at or sent_at) <= sent_at
    if is_done:
        words = (
            f"A test mail left on {_moment(sent_at, survey.school)}. If it did not arrive, look "
        )
        words += "in the junk folder."
    elif asked_at is None:
        words = "Not tried yet. Send one to yourself before you invite anybody."
    elif dropped_at is not None and dropped_at >= asked_at:
        words = "The last test mail could not be sent. Ask who runs this server."
    else:
        words = f"A test mail is on its way since {_moment(asked_at, survey.school)}."
        if survey.at - asked_at > SLOW:
            words += " That is long: ask who runs this server whether the worker runs."
    if tests["unsent"]:
        words += (
            f" {_some(tests['unsent'], 'mail', 'mails')} could not be sent this week: check the "
        )
        words += "e-mail addresses of your people, then ask who runs this server."
    if not survey.by.email:
        words = "Your own record has no e-mail address. Add one to try it."
        url = reverse("people:person_edit", args=[survey.by.uid])
        yield Step(45, "Mail", words, "Open your record", url)
        return
    words += f" {_route(survey.school)}"
    again = "Send another test mail" if asked_at else "Send a test mail to me"
    yield Step(45, "Mail", words, again, reverse("people:test_mail"), is_done, posts=True)


def _route(school: School) -> str:
    """What is configured, in words: how mail leaves this server, and from whom."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return f"Mail goes out through {settings.EMAIL_HOST}, from {sender}."
    if not settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return f"Mail goes out from {sender}."
    if school.is_demo:
        return "In the demo school no mail leaves this computer: the page Welcome has it to read."
    return (
        "No mail server is set: mail is written to files on this server and reaches nobody. Who "
        "runs it sets EMAIL_URL."
    )


def key_steps(survey: Survey) -> Iterator[Step]:
    """Whether the key ring lies in a safe on paper: a banner until somebody says so."""
    if survey.school.is_demo:
        return
    title = "Keys on paper"
    if are_keys_on_paper():
        words = "In two safes, as somebody of the school has said."
        yield Step(80, title, words, "", "", is_done=True, is_needed=False)
        return
    words = (
        "Without the key ring no note can ever be opened again, and no backup of the database "
        "holds it. Who runs this server prints it twice: manage.py keys paper --reveal."
    )
    url = reverse("people:keys_confirm")
    yield Step(80, title, words, "They are in two safes", url, is_needed=False, posts=True)


def are_keys_on_paper() -> bool:
    """Whether somebody said so of the ring as it is: a newer key has to be printed too."""
    said = School.objects.aggregate(last=Max("keys_on_paper_on"))["last"]  # of the installation
    try:
        return said is not None and all(entry.created <= said for entry in keyring.entries())
    except keyring.KeyRingError:  # `audit.checks` says so, to those who can mend it
        return False


def _moment(at: object, school: School) -> str:
    local = localtime(at, school.zone)  # type: ignore[arg-type]
    return f"{date_format(local, 'j F')} at {date_format(local, 'g:i A')}"


def _some(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def register_steps() -> None:
    for chapter in (people_steps, mail_steps, key_steps):
        register(chapter)
