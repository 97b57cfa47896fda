"""When things are at Alder Creek School: the term around today, the bells, who teaches when."""

from datetime import date, datetime, time, timedelta
from itertools import count, islice
from typing import NamedTuple

from people import sheets

from .people import STAFF

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONDAY, THURSDAY = 0, 3
WEEKS_BACK = 5  # with school, before the week of today; STORY has a letter for each
DAYS = ("mon", "tue", "wed", "thu", "fri")
TODAYS = DAYS.index("tue")  # the day of the week below that falls on today

PERIODS = {
    "bs": ("Before", time(7, 30), time(8, 0)),
    "p1": ("Period 1", time(8, 10), time(8, 55)),
    "p2": ("Period 2", time(9, 0), time(9, 45)),
    "p3": ("Period 3", time(9, 50), time(10, 35)),
    "p4": ("Period 4", time(10, 40), time(11, 25)),
    "lu": ("Lunch", time(11, 30), time(12, 10)),
    "p5": ("Period 5", time(12, 15), time(13, 0)),
    "p6": ("Period 6", time(13, 5), time(13, 50)),
    "p7": ("Period 7", time(13, 55), time(14, 40)),
    "af": ("After", time(14, 50), time(15, 20)),
}
LESSONS = ("p1", "p2", "p3", "p4", "p5", "p6", "p7")


class Cell(NamedTuple):
    day: str
    period: str
    cadence: str
    keys: tuple[str, ...] = ()  # who has each seat; "" is open


# The principal's week. Those in ONCE had a seat there and lost it.
GRID = [
    Cell("mon", "p2", "weekly", ("TF",)),
    Cell("mon", "p4", "biweekly", ("YT",)),
    Cell("mon", "p6", "monthly", ("IS", "", "PL")),
    Cell("tue", "p1", "weekly", ("AR",)),
    Cell("tue", "p4", "biweekly", ("DO", "PN")),
    Cell("tue", "p6", "monthly", ("SL", "GM")),
    Cell("tue", "af", "weekly", ("BC",)),
    Cell("wed", "p3", "biweekly"),
    Cell("thu", "p2", "biweekly", ("MB", "HW")),
    Cell("thu", "p4", "weekly"),
    Cell("thu", "p7", "biweekly", ("", "OP")),
    Cell("fri", "p6", "monthly"),
]
ONCE = [
    Cell("mon", "p4", "biweekly", ("", "KA")),
    Cell("wed", "p3", "biweekly", ("LO",)),
    Cell("fri", "p6", "monthly", ("", "", "NQ")),
]
BUSY = {
    ("mon", "lu"): "Lunch duty",
    ("wed", "lu"): "Lunch duty",
    ("tue", "p2"): "Leadership team",
    ("wed", "p1"): "Assembly",
    ("fri", "p2"): "Learning walks",
    ("thu", "af"): "Staff meeting",
    ("fri", "af"): "Gate duty",
}
COUNSELOR_GRID = [
    Cell("tue", "p2", "weekly", ("Jada Wynn",)),
    Cell("tue", "p4", "biweekly", ("", "Elias Kowal")),
    Cell("tue", "p7", "monthly", ("", "Noor Saleh")),
    Cell("thu", "p3", "biweekly", ("Paloma Tores",)),
    Cell("wed", "p5", "monthly"),
]

# What became of the talks, a letter for each open week of the term so far: m met, v met on another
# day, s skipped by agreement, x did not happen. This week's are met unless a sixth letter differs.
STORY = {
    "TF": "mmsmm",
    "AR": "mmmvm",
    "BC": "mmmmm",
    "PN": ".m.m",
    "DO": "m.m.v",
    "YT": "m.m.m",
    "MB": "m.s.m",
    "HW": ".m.m",
    "OP": ".m.x.x",
    "IS": "m...m",
    "PL": "..m",
    "SL": "m...v",
    "GM": ".m",
    "KA": ".m.m",
    "LO": "m.m.x",
    "NQ": "..m",
    "Jada Wynn": "mmxmm",
    "Elias Kowal": ".m.m",
    "Noor Saleh": ".m",
    "Paloma Tores": "m.m.s",
}

TEACHES_LITTLE = ("OP", "PL", "IS", "BC")
LEILA_TEACHES = {
    "mon": ("p1", "p2", "p4", "p5", "p7"),
    "tue": ("p1", "p3", "p4", "p6"),
    "wed": ("p1", "p2", "p5", "p6", "p7"),
    "thu": ("p1", "p2", "p3", "p6"),
    "fri": ("p1", "p3", "p4", "p5", "p6"),
}


class Holiday(NamedTuple):
    """Days without school."""

    name: str
    starts_on: date
    ends_on: date

    def beside(self, monday: date) -> "Holiday":
        """The same, out of the week that begins on a Monday: after it; if it has begun, before."""
        if not self.starts_on <= monday <= self.ends_on:
            return self
        length = self.ends_on - self.starts_on
        begins = monday == self.starts_on
        starts_on = monday + WEEK if begins else monday - 3 * DAY - length
        return Holiday(self.name, starts_on, starts_on + length)

    @property
    def mondays(self) -> set[date]:
        weeks = (self.ends_on - self.starts_on).days // 7 + 1
        return {self.starts_on + number * WEEK for number in range(weeks)}


def _breaks(year: int) -> list[Holiday]:
    """Whole weeks off in a year of the calendar, as many schools of the United States have them."""
    fourth = date(year, 7, 4)
    observed = {5: fourth - DAY, 6: fourth + DAY}.get(fourth.weekday(), fourth)
    weeks = [
        ("Midwinter break", _nth(year, 2, MONDAY, 3), 1),  # Presidents' Day
        ("Spring break", _nth(year, 4, MONDAY, 2), 1),
        ("Independence Day week", observed, 1),
        ("Thanksgiving break", _nth(year, 11, THURSDAY, 4), 1),
        ("Winter break", date(year, 12, 25), 2),
    ]
    return [
        Holiday(name, monday, monday + count * WEEK - 3 * DAY)
        for name, on, count in weeks
        for monday in [on - on.weekday() * DAY]
    ]


def _days_off(year: int) -> list[Holiday]:
    days = [
        ("Martin Luther King Jr. Day", _nth(year, 1, MONDAY, 3)),
        ("Memorial Day", _nth(year, 6, MONDAY, 1) - WEEK),
        ("Juneteenth", date(year, 6, 19)),
        ("Labor Day", _nth(year, 9, MONDAY, 1)),
        ("Indigenous Peoples' Day", _nth(year, 10, MONDAY, 2)),
        ("Veterans Day", date(year, 11, 11)),
    ]
    return [Holiday(name, on, on) for name, on in days if on.weekday() < len(DAYS)]


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    """The first, second, third such day of the week in a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7) + (count - 1) * WEEK


class Around(NamedTuple):
    """
    The term around a date: five weeks with school back, eight weeks ahead.

    There is school in the week of that date, whatever the calendar says: holidays move beside it.
    Before it only whole weeks are off, so that what has happened is the same on any date.
    """

    today: date
    day: date  # today, or the Monday after a weekend

    @classmethod
    def of(cls, today: date) -> "Around":
        weekend = max(0, today.weekday() - 4)
        return cls(today, today + timedelta(days=(3 - weekend) if weekend else 0))

    @property
    def monday(self) -> date:
        return self.day - timedelta(days=self.day.weekday())

    @property
    def starts_on(self) -> date:
        return self.open_weeks[0]

    @property
    def ends_on(self) -> date:
        return self.monday + 8 * WEEK + timedelta(days=4)

    @property
    def open_weeks(self) -> list[date]:
        """The Mondays of the weeks with school that are over."""
        closed = {monday for each in self._breaks for monday in each.mondays}
        back = (self.monday - number * WEEK for number in count(1))
        return list(islice((monday for monday in back if monday not in closed), WEEKS_BACK))[::-1]

    @property
    def holidays(self) -> list[Holiday]:
        """The days without school that begin in the term; single ones only if no week is off."""
        next_week = self.monday + WEEK
        days = [each for year in self._years for each in _days_off(year)]
        ahead = [each for each in days if each.starts_on >= next_week]
        return self._in_term(self._breaks) or self._in_term(ahead)

    def _in_term(self, holidays: list[Holiday]) -> list[Holiday]:
        return sorted(
            (each for each in holidays if self.starts_on <= each.starts_on <= self.ends_on),
            key=lambda each: each.starts_on,
        )

    @property
    def _years(self) -> range:
        return range(self.day.year - 1, self.day.year + 2)

    @property
    def _breaks(self) -> list[Holiday]:
        return [each.beside(self.monday) for year in self._years for each in _breaks(year)]

    @property
    def name(self) -> str:
        middle = (self.starts_on + 7 * WEEK).month
        season = "Fall" if middle >= 9 else "Spring" if 2 <= middle <= 5 else "Winter"
        return f"{'Summer' if 6 <= middle <= 8 else season} term"

    @property
    def school_year(self) -> int:
        """The year in which it ends."""
        return self.starts_on.year + (self.starts_on.month >= 7)

    def column(self, day: str) -> str:
        """The weekday, by its number, on which a day of the grid falls: today's is today."""
        return str((DAYS.index(day) - TODAYS + self.day.weekday()) % 5 + 1)

    def lessons(self) -> bytes:
        """The lessons file: who teaches when, and never when they meet the principal."""
        kept = {(key, cell.day, cell.period) for cell in [*GRID, *ONCE] for key in cell.keys}
        rows = []
        for place, one in enumerate(STAFF):
            if one.key in TEACHES_LITTLE:
                continue
            for day in DAYS:
                for period in _taught(place, one.key, day):
                    if (one.key, day, period) not in kept:
                        name = PERIODS[period][0]
                        rows.append([self.column(day), name, one.key, one.job.split(",")[0]])
        return sheets.write(["day", "period", "teachers", "subject"], rows)

    def moment(self, on: date, at: time, zone) -> datetime:
        return datetime.combine(on, at, zone)


def _taught(place: int, key: str, day: str) -> tuple[str, ...]:
    """Five of the seven periods; who is free when differs from teacher to teacher."""
    if key == "LH":
        return LEILA_TEACHES[day]
    free = {(place * 3 + DAYS.index(day) * 5) % 7, (place + DAYS.index(day) * 2 + 4) % 7}
    return tuple(period for number, period in enumerate(LESSONS) if number not in free)
