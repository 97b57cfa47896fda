"""From when to when: which dates an administrator may type, and what is said of the others."""

from collections.abc import Callable
from datetime import date

MOST_YEARS_BACK = 60
MOST_YEARS_AHEAD = 5

# Makes the refusal to raise, of a sentence and the field it belongs to
Refusal = Callable[[str, str], Exception]


def check_period(
    starts_on: date, ends_on: date | None, *, on: date, refusal: Refusal, may_be_over: bool = False
) -> None:
    """Raise a refusal for a period that cannot be meant: backwards, over already, or far away."""
    if on.year - starts_on.year > MOST_YEARS_BACK:
        raise refusal(f"The first day is more than {MOST_YEARS_BACK} years ago.", "starts_on")
    if starts_on.year - on.year > MOST_YEARS_AHEAD:
        raise refusal(f"Choose a first day within the next {MOST_YEARS_AHEAD} years.", "starts_on")
    if ends_on is None:
        return
    if ends_on < starts_on:
        raise refusal("The last day is before the first day.", "ends_on")
    if ends_on < on and not may_be_over:
        raise refusal("The last day is in the past.", "ends_on")
    if ends_on.year - on.year > MOST_YEARS_AHEAD:
        raise refusal(f"Choose a last day within the next {MOST_YEARS_AHEAD} years.", "ends_on")
