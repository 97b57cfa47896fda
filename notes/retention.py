"""How long what is written is kept: floors, ceilings and the day on which it ends; pure."""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta  # type: ignore[import-untyped]

# What goes together, by kinds of parts
MEMORY, TALK, RECORD = "memory", "talk", "record"
GROUPS = {
    MEMORY: ("private",),
    TALK: ("body", "agenda"),
    RECORD: ("topic", "action", "goal", "summary"),
}
HELD = "held"  # what would go as well, were it not on hold

# What a school may choose from; shorter is no memory, longer is a file on people
MEMORY_MONTHS = (3, 6, 12, 18, 24)
TALK_YEARS = (0, 1, 2, 3)  # school years after the one of the talk
RECORD_YEARS = (1, 2, 3, 4, 5, 6, 7)

AFTER_THEY_MEET = timedelta(days=90)  # memory aids and drafts, whatever a school chooses
AGREEMENT_YEARS = 6  # after the last part that could be written under it

FARTHEST = 60 * 366  # days back in which a first day that is kept is looked for


TITLES = {
    MEMORY: "Memory aids",
    TALK: "What was talked about",
    RECORD: "Topics, actions, goals, summaries",
}


class Periods(NamedTuple):
    """How long a school keeps each group of parts."""

    memory_months: int = 12
    talk_years: int = 1
    record_years: int = 3

    def are_within(self, other: "Periods") -> bool:
        """Whether nothing is kept for longer than by the other."""
        return all(mine <= theirs for mine, theirs in zip(self, other, strict=True))

    @property
    def words(self) -> dict[str, str]:
        """What it says of each group, in words that go on after "kept"."""
        return {
            MEMORY: memory_words(self.memory_months),
            TALK: talk_words(self.talk_years),
            RECORD: record_words(self.record_years),
        }

    def memory_until(self, written_on: date) -> date:
        """The last day of a memory aid or a draft; it is `memory_after` where that is earlier."""
        return written_on + relativedelta(months=self.memory_months)

    def talk_until(self, met_on: date, ends: Mapping[int, date]) -> date:
        """
        The last day of what was talked about: that of a later school year.

        `ends` has the last day of school of each year that the calendar knows. A school year ends
        on 31 July, or with its last term if that is later.
        """
        year = met_on.year
        while year_end(year, ends) < met_on:
            year += 1
        return year_end(year + self.talk_years, ends)

    def record_until(self, ended_on: date) -> date:
        """The last day of topics, actions, goals and summaries of two who stopped meeting."""
        return ended_on + relativedelta(years=self.record_years)

    def agreement_until(self, ended_on: date) -> date:
        """The last day of what the two agreed."""
        return self.record_until(ended_on) + relativedelta(years=AGREEMENT_YEARS)


def memory_words(months: int) -> str:
    return f"for {months} months, but no longer than 90 days after the two stop meeting"


def talk_words(years: int) -> str:
    later = ("the same", "the following", "the second following", "the third following")[years]
    return f"until the end of {later} school year"


def record_words(years: int) -> str:
    return f"as long as the two meet, and {f'{years} years' if years > 1 else 'one year'} after"


def memory_after(ended_on: date) -> date:
    """The last day of memory aids and drafts once the two have stopped meeting."""
    return ended_on + AFTER_THEY_MEET


def year_end(year: int, ends: Mapping[int, date]) -> date:
    return max(ends.get(year, date.min), date(year, 7, 31))


def first_kept(until: Callable[[date], date], *, on: date) -> date:
    """
    The first day of which something is still kept on a date; what is from before has ended.

    This turns each rule above, which rises with its day, into a bound for a query: a rule is
    written once.
    """
    days = range(on.toordinal() - FARTHEST, on.toordinal() + 1)
    found = bisect_left(days, on, key=lambda day: until(date.fromordinal(day)))
    return date.fromordinal(days[0] + found)
