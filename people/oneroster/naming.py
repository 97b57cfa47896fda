"""What a class is called: by its title, and where several have it, by what tells them apart."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ..roster.sheet import LONGEST_GROUP
from .records import Section


def names(
    sections: Iterable[Section], *, standing: Mapping[str, str], taken: Iterable[str]
) -> dict[str, str]:
    """
    A name for each class, by its id, no two alike in any case; `taken` are those of other groups.

    A class keeps the name it has (`standing`) as long as that is one of those it may have.
    """
    listed = sorted(sections, key=lambda each: (each.external_id not in standing, each.line))
    used = {name.casefold() for name in taken}
    named: dict[str, str] = {}
    for section in listed:
        name = standing.get(section.external_id, "")
        if name and name.casefold() not in used and name in _candidates(section):
            named[section.external_id] = name
            used.add(name.casefold())
    new = [each for each in listed if each.external_id not in named]
    # Four sections of one title are told apart from the first on, not from the second
    counts = Counter(name.casefold() for each in new for name in set(_candidates(each)))
    for section in new:
        name = next(_free(section, used, counts))
        named[section.external_id] = name
        used.add(name.casefold())
    return named


def _free(section: Section, used: set[str], counts: Counter[str]) -> Iterator[str]:
    candidates = _candidates(section)
    for name in candidates:
        if name.casefold() not in used and counts[name.casefold()] == 1:
            yield name
    for name in candidates[1:]:
        if name.casefold() not in used:
            yield name
    number = 1
    while True:
        number += 1
        if (name := _with(section.title, str(number))).casefold() not in used:
            yield name


def _candidates(section: Section) -> list[str]:
    period = f"period {section.periods}" if section.periods else ""
    code = section.code if section.code.casefold() != section.title.casefold() else ""
    suffixes = [
        "",
        period,
        code,
        ", ".join(part for part in (period, code) if part),
        section.external_id,
    ]
    return list(dict.fromkeys(_with(section.title, suffix) for suffix in suffixes))


def _with(title: str, suffix: str) -> str:
    if not suffix:
        return title
    suffix = suffix[: LONGEST_GROUP // 2]
    return f"{title[: LONGEST_GROUP - len(suffix) - 2]}, {suffix}"
