"""A calendar program that knows what its person's mail told it, and nothing else."""

from datetime import timedelta

from icalendar import Calendar
from recurring_ical_events import of as repeated

from people.delivery import deliver_due

ALL = ((2026, 1, 1), (2029, 1, 1))
MINUTE = timedelta(seconds=61)  # until what was done can no longer be undone unseen


class OwnCalendar:
    """What RFC 5546 asks of a program that takes REQUEST and CANCEL, and no more."""

    def __init__(self):
        self.events = {}  # by uid and RECURRENCE-ID
        self.newest = {}  # the highest SEQUENCE of each uid

    def take(self, content):
        calendar = Calendar.from_ical(content)
        method, events = str(calendar["METHOD"]), calendar.walk("VEVENT")
        _check_zones(calendar)
        [uid] = {str(each["UID"]) for each in events}
        for each in events:
            assert each["SEQUENCE"] > self.newest.get(uid, -1), (
                "a calendar ignores what is no newer"
            )
        self.newest[uid] = max(each["SEQUENCE"] for each in events)
        if method == "CANCEL":
            for each in events:
                self._cancel(uid, each)
            return
        assert method == "REQUEST"
        for each in events:
            at = _recurrence(each)
            if at is None:
                self._forget_what_is_out(uid, each)
            self.events[uid, at] = each

    def _cancel(self, uid, event):
        at = _recurrence(event)
        if at is None:
            for key in [key for key in self.events if key[0] == uid]:
                del self.events[key]
            return
        self.events.pop((uid, at), None)
        self.events[uid, None].add("exdate", event["RECURRENCE-ID"].dt)

    def _forget_what_is_out(self, uid, series):
        """Dates that the new rule does not have are gone, however they were moved before."""
        dates = {each.start for each in _read([series])}
        for key in [key for key in self.events if key[0] == uid and key[1] is not None]:
            if key[1] not in dates:
                del self.events[key]

    def shows(self, since):
        """When talks begin and end, from an instant on."""
        found = _read(self.events.values())
        return sorted((each.start, each.end) for each in found if each.start >= since)


def _read(events):
    calendar = Calendar()
    for each in events:
        calendar.add_component(each)
    calendar.add_missing_timezones()
    return repeated(Calendar.from_ical(calendar.to_ical())).between(*ALL)


def _check_zones(calendar):
    """What the file says of its zone is true for all its dates: not every program has tzdata."""
    [zone] = calendar.walk("VTIMEZONE")
    said = zone.to_tz(lookup_tzid=False)
    rest = Calendar.from_ical(calendar.to_ical())
    for each in repeated(rest).between(*ALL) if calendar["METHOD"] == "REQUEST" else ():
        wall = each.start.replace(tzinfo=None)
        assert wall.replace(tzinfo=said).utcoffset() == each.start.utcoffset()


def _recurrence(event):
    return event["RECURRENCE-ID"].dt if "RECURRENCE-ID" in event else None


def file_of(message):
    """The method and content of the calendar file of a mail; None without one."""
    parts = [
        part for part in message.message().walk() if part.get_content_type() == "text/calendar"
    ]
    if not parts:
        return None
    [part] = parts
    return part.get_param("method"), part.get_payload(decode=True)


def delivered(mailoutbox, at):
    """Send what is due; the mails that left, by address."""
    mailoutbox.clear()
    while deliver_due(at=at):
        pass
    sent = {}
    for message in mailoutbox:
        [address] = message.to
        sent.setdefault(address, []).append(message)
    return sent


def events_of(message):
    method, content = file_of(message)
    return method, Calendar.from_ical(content).walk("VEVENT")
