"""Which passwords are too easy to think of, beyond being short or used by many."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from .models import School

# What anybody would try first at a site such as this one
WORDS = (
    "one on ones", "oneonone", "password", "passphrase", "welcome", "sign in", "signin", "school",
    "principal", "teacher", "counselor", "administrator", "student", "staff",
)  # fmt: skip
SHORTEST = 4  # letters of a name: shorter ones are parts of many words
LEFT = 8  # letters and digits that have to stand there besides


class NotAboutOneself:
    """
    A password may hold the site's, the school's and one's own names, but not consist of them.

    Who tries passwords knows these; what counts is what stands there besides.
    """

    def validate(self, password: str, user: Any = None) -> None:
        left = _plain(password)
        for name in sorted(_names(user), key=len, reverse=True):
            left = left.replace(name, "")
        if len(left) < LEFT <= len(_plain(password)):
            raise ValidationError(
                "Take something that is harder to think of: "
                "not only your name, the school's or this site's.",
                code="password_about_oneself",
            )

    def get_help_text(self) -> str:
        return "Names alone, yours, the school's or this site's, are too easy to think of."


def _names(user: Any) -> Iterator[str]:
    person = getattr(user, "person", None)
    said = [*WORDS, getattr(user, "email", "").partition("@")[0]]
    if person is not None:
        said += [person.given_name, person.family_name, person.preferred_name]
        said += School.objects.filter(roles__person=person).values_list("name", flat=True)
    for words in said:
        for name in (words, *words.split()):
            if len(_plain(name)) >= SHORTEST:
                yield _plain(name)


def _plain(words: str) -> str:
    """Letters and digits only, in small letters: how a name is varied most often."""
    return re.sub(r"[\W_]", "", words.casefold())
