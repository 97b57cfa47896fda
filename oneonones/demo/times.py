"""When things are at Alder Creek School: the term around today, the bells, who teaches when."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from people import sheets

from .people import STAFF

WEEK = timedelta(days=7)
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


class Around(NamedTuple):
    """The term around a date: seven weeks back, eight ahead."""

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
        return self.monday - 6 * WEEK

    @property
    def ends_on(self) -> date:
        return self.monday + 8 * WEEK + timedelta(days=4)

    @property
    def closed_on(self) -> date:
        """The Monday of a week without school, four weeks ago."""
        return self.monday - 4 * WEEK

    @property
    def open_weeks(self) -> list[date]:
        """The Mondays of the weeks with school that are over."""
        mondays = [self.starts_on + number * WEEK for number in range(6)]
        return [monday for monday in mondays if monday != self.closed_on]

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
