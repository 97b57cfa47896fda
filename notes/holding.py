"""
What is on hold: the only definition, in SQL that triggers and queries both use.

A hold stops what deletes; it gives nothing to read to anybody. It names one person, two, or nobody
and so everybody of a school, and may be of what was written in some span of time only. It stops
from the moment in which the first of two people asks for it, and until it has ended.
"""

from string import Formatter
from typing import Any

from django.db.models import BooleanField, DateTimeField, F, Func

HOLDS = "notes_hold"

_OF_THE_TWO = """
    hold.ended_at IS NULL
    AND hold.school_id = {school}
    AND (hold.person_id IS NULL OR hold.person_id IN ({one}, {two}))
    AND (hold.other_id IS NULL OR hold.other_id IN ({one}, {two}))"""
_AND_OF_THEN = """
    AND (hold.written_from IS NULL OR hold.written_from <= {written_at})
    AND (hold.written_until IS NULL OR {written_at} < hold.written_until)"""

IS_HELD = f"EXISTS (SELECT 1 FROM {HOLDS} AS hold WHERE {_OF_THE_TWO}{_AND_OF_THEN})"  # noqa: S608
# When the first or the last of the holds began; NULL without one
_FIRST = f"(SELECT MIN(hold.asked_at) FROM {HOLDS} AS hold WHERE {_OF_THE_TWO}{_AND_OF_THEN})"  # noqa: S608
_LAST = _FIRST.replace("MIN", "MAX")
_ARE_HELD = f"EXISTS (SELECT 1 FROM {HOLDS} AS hold WHERE {_OF_THE_TWO})"  # noqa: S608

_COLUMNS = {
    "school": "school_id",
    "one": "author_id",
    "two": "party_id",
    "written_at": "written_at",
}


def refused(old: str = "OLD", new: str = "NEW") -> dict[str, str]:
    """
    Conditions on a row of parts under which a DELETE or an UPDATE takes away what is on hold.

    What is finished keeps its words; a box under another key is the same words sealed anew, which
    `narrow_only` lets the keeper do alone. A draft may be written on, but its words from before the
    hold stay: the row that holds them is put aside, and another takes its place.
    """
    names = {name: f"{old}.{column}" for name, column in _COLUMNS.items()}
    return {
        "delete": IS_HELD.format(**names),
        "update": f"""
            (
                ({new}.box <> {old}.box AND {new}.key_id = {old}.key_id)
                OR {new}.written_at <> {old}.written_at
            )
            AND {IS_HELD.format(**names)}
            AND (NOT {old}.is_draft OR {old}.written_at <= {_LAST.format(**names)})""",
    }


class _OfHolds(Func):
    """A condition or moment of the above, by default about the columns of a part."""

    sql = ""

    def __init__(self, **columns: Any) -> None:
        names = {"school": "school", "one": "author", "two": "party", "written_at": "written_at"}
        names.update(columns)  # or expressions
        self.asked = [name for _, name, _, _ in Formatter().parse(self.sql) if name]
        self.names = sorted(set(self.asked))
        given = (names[each] for each in self.names)
        super().__init__(*(F(each) if isinstance(each, str) else each for each in given))

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> tuple[str, list[Any]]:
        compiled = map(compiler.compile, self.source_expressions)
        columns = dict(zip(self.names, compiled, strict=True))
        params = [value for name in self.asked for value in columns[name][1]]
        return self.sql.format(**{name: sql for name, (sql, _) in columns.items()}), params


class IsHeld(_OfHolds):
    """Whether a part is on hold."""

    sql = IS_HELD
    output_field = BooleanField()


class HeldSince(_OfHolds):
    """Since when a part is on hold; None if it is not."""

    sql = _FIRST
    output_field = DateTimeField()


class LastHeld(_OfHolds):
    """
    When the last hold on a part began; None if there is none.

    What a draft said until then is kept. See also `refused`.
    """

    sql = _LAST
    output_field = DateTimeField()


class AreHeld(_OfHolds):
    """Whether anything of two people may be on hold, whenever it was written."""

    sql = _ARE_HELD
    output_field = BooleanField()
