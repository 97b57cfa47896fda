"""
`docs/asvs.csv` is true of the code: every requirement once, every test named there still there.

Ids and levels are those of OWASP's Application Security Verification Standard 5.0.0.
"""

import ast
import csv
import re
from collections import Counter
from functools import cache

import pytest

from .test_conventions import ROOT

LIST = ROOT / "docs" / "asvs.csv"
# How many there are: all of levels 1 and 2, and those of level 3 that are taken on purpose
COUNTS = {"1": 70, "2": 183, "3": 20}
ON_PURPOSE = {
    "1.2.10", "2.3.5", "3.4.7", "3.4.8", "3.5.8", "6.3.5", "6.3.7", "6.3.8", "6.4.6", "7.5.3",
    "8.3.2", "8.3.3", "11.2.5", "11.3.4", "13.1.4", "13.3.4", "14.2.5", "14.2.6", "14.2.7",
    "16.5.4",
}  # fmt: skip
# In place of a test: what kind of proof there is; `how` or the words behind it say which
OTHERWISE = re.compile(r"documentation|configuration|review: .+|library: .+")
PAGE = re.compile(r"\bdocs/[\w/]+\.md\b")
PARTS = re.compile(r"\(([A-Z][\w ,]+)\)")


def rows():
    with LIST.open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def names_in(path):
    """The names of a file's tests, read and not run."""
    if not (ROOT / path).is_file():
        return set()
    code = ast.parse((ROOT / path).read_text())
    return {node.name for node in code.body if isinstance(node, ast.FunctionDef)}


def problems(row):
    test, how, applies = row["test"], row["how"], row["applies"]
    path, colons, name = test.partition("::")
    if applies not in ("yes", "no") or not how.strip():
        yield "says neither whether it applies nor why"
    if colons and name not in names_in(path):
        yield f"there is no {test}"
    if test and applies == "no":
        yield "is proven and does not apply"
    if test and not colons and not OTHERWISE.fullmatch(test):
        yield f"{test!r} is no proof"
    if not test and applies == "yes" and not how.startswith("Not yet"):
        yield "has neither a test nor a reason"
    yield from problems_of_pages(how, is_needed=test == "documentation")


def problems_of_pages(how, *, is_needed):
    """Pages that are named exist, and have the parts that stand in brackets behind them."""
    pages = [ROOT / page for page in PAGE.findall(how)]
    if is_needed and not pages:
        yield "names no page"
    yield from (f"there is no {page.name}" for page in pages if not page.is_file())
    words = "\n".join(page.read_text() for page in pages if page.is_file())
    for part in PARTS.findall(how) if pages else []:
        if not part.isupper() and not re.search(rf"^(#+ |- \*\*){re.escape(part)}", words, re.M):
            yield f"no page has a part called {part}"


def test_every_requirement_is_there_once():
    ids = [row["id"] for row in rows()]

    assert [each for each, times in Counter(ids).items() if times > 1] == []
    assert Counter(row["level"] for row in rows()) == COUNTS
    assert {row["id"] for row in rows() if row["level"] == "3"} == ON_PURPOSE
    assert ids == sorted(ids, key=lambda each: [int(part) for part in each.split(".")])


def test_every_row_is_met_by_a_test_or_says_why_not():
    assert [f"{row['id']} {said}" for row in rows() for said in problems(row)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"test": "people/tests/test_limits.py::test_of_yesterday"},
        {"test": "people/tests/test_of_yesterday.py::test_of_yesterday"},
        {"test": "", "how": "somehow"},
        {"test": "", "how": ""},
        {"test": "trust me"},
        {"test": "documentation", "how": "docs/yesterday.md"},
        {"test": "documentation", "how": "docs/security.md (Yesterday)"},
        {"applies": "perhaps"},
    ],
)
def test_row_that_has_become_untrue_is_found(change):
    [row] = [row for row in rows() if row["id"] == "6.3.1"]

    assert not list(problems(row))
    assert list(problems(row | change))
