"""OneRoster 1.1 and 1.2 as CSV: reading a bundle, and what it says of each school."""

from .bundle import MAX_PACKED, opened
from .fill import Filled, Standing, fill, is_section, key_of
from .places import Places, place
from .reading import read
from .records import Org, Read
from .sessions import Chosen, TermSaid, choose, span

__all__ = [
    "MAX_PACKED",
    "Chosen",
    "Filled",
    "Org",
    "Places",
    "Read",
    "Standing",
    "TermSaid",
    "choose",
    "fill",
    "is_section",
    "key_of",
    "opened",
    "place",
    "read",
    "span",
]
