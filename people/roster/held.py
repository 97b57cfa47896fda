"""What somebody has at a school, from when until when."""

from dataclasses import dataclass, field
from datetime import date

# A person: the primary key of somebody known, or the key in the sheet of somebody new.
Token = int | str
What = str | int | bool  # a role's title; whether adult in a group; the manager; a household


@dataclass(frozen=True, slots=True)
class Held:
    """Something somebody has: a role, a place in a group, a manager, a child."""

    what: What
    ends_on: date | None = None
    starts_on: date | None = None  # only where it begins later than today
    since: date | None = field(default=None, compare=False, repr=False)  # for a row that is made
