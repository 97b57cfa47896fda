"""Which passwords are too easy to think of, or known, beyond being short or used by many."""

import logging
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

from .leaked import is_leaked
from .models import School

logger = logging.getLogger(__name__)

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


class NotLeaked:
    """A password that leaked somewhere is tried everywhere; by the list that a school keeps."""

    def validate(self, password: str, user: Any = None) -> None:
        path = settings.LEAKED_PASSWORDS
        if not path:
            return
        try:
            leaked = is_leaked(password, path)
        except OSError as error:
            logger.error("The list of leaked passwords: %s", type(error).__name__)
            raise ValidationError(
                "New passwords cannot be checked just now. Sign in with a code from your mail, "
                "and try again later.",
                code="password_unchecked",
            ) from None
        if leaked:
            raise ValidationError(
                "This password has leaked from another site, and is tried by strangers. "
                "Take one that you use nowhere else.",
                code="password_leaked",
            )

    def get_help_text(self) -> str:
        return "A password that leaked from another site is refused."


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
