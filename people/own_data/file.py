"""Somebody's own data as one file: for programs and for people; it is made in memory only."""

import io
import json
import zipfile
from datetime import datetime
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.template.loader import render_to_string
from django.views.decorators.debug import sensitive_variables

from .. import names
from ..models import Person
from .chapters import Chapter, Row, chapters, left_out

NAME = "your-data"  # neutral: it lies in a folder for others to see


class _Filled(NamedTuple):
    chapter: Chapter
    rows: list[Row]

    @property
    def labels(self) -> list[str]:
        """Those under which something stands."""
        told = ((name, value) for row in self.rows for name, value in row.items())
        return list(dict.fromkeys(name for name, value in told if value not in (None, "")))

    @property
    def cells(self) -> list[list[object]]:
        return [[row.get(label) for label in self.labels] for row in self.rows]


def archive(person: Person, *, at: datetime) -> bytes:
    """
    A zip with all that there is of a person: JSON for programs, HTML to read.

    It leaves the screen, so no name is hidden in it. Opening what others wrote is recorded, so not
    inside a transaction. Raises KeyRingError.
    """
    with names.hidden_from(None):
        return _made(person, at)


@sensitive_variables()
def _made(person: Person, at: datetime) -> bytes:
    filled = [_Filled(each, each.rows(person, at)) for each in chapters()]
    reasons = sorted(set(left_out().values()))
    machine = {
        "made_at": at,
        **{each.chapter.key: each.rows for each in filled},
        "not_in_here": reasons,
    }
    page = render_to_string(
        "people/own_data_file.html",
        {"person": person, "made_at": at, "filled": filled, "reasons": reasons},
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        text = json.dumps(machine, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
        zipped.writestr(f"{NAME}.json", text)
        zipped.writestr(f"{NAME}.html", page)
    return out.getvalue()
