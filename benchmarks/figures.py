"""Figures beside their floor, tables of them, and what has to hold at the end."""

import os
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .machine import Site
from .visitors import Visitor, say

EMPTY = "/benchmark/empty/"
THIN = "/benchmark/thin/{}/"


@dataclass
class Cost:
    """What one request of a page costs: medians over rounds, CPU with the database's."""

    name: str
    queries: int
    cpu: float
    times_empty: float
    times_thin: float
    spread: tuple[float, float]
    size: int
    compressed: int


def compare(
    site: Site, pages: Sequence[tuple[str, str, Visitor, str]], *, rounds: int = 7, each: int = 12
) -> list[Cost]:
    """
    Each page's CPU as a multiple of the same visitor's empty and thin pages; the three take turns.

    CPU seconds are those of the workers and, on this machine, of the database's own processes.
    """
    costs = []
    for name, thin, visitor, path in pages:
        answer = visitor.get(path)  # warms templates and connections
        for each_answer in (answer, visitor.get(THIN.format(thin))):
            if each_answer.status != 200:
                words = say(each_answer.text)
                raise SystemExit(f"{name}: {each_answer.status} at {each_answer.path}\n{words}")
        for _ in range(4):
            visitor.get(path), visitor.get(EMPTY), visitor.get(THIN.format(thin))
        ratios, thinner, spent = [], [], []
        for _ in range(rounds):
            page = _burst(site, visitor, path, each)
            empty = _burst(site, visitor, EMPTY, each)
            ratios.append(page / empty)
            thinner.append(page / _burst(site, visitor, THIN.format(thin), each))
            spent.append(page)
        costs.append(
            Cost(
                name,
                answer.queries,
                statistics.median(spent),
                statistics.median(ratios),
                statistics.median(thinner),
                (min(ratios), max(ratios)),
                answer.size,
                answer.compressed,
            )
        )
    return costs


def _burst(site: Site, visitor: Visitor, path: str, count: int) -> float:
    began = site.cpu()
    for _ in range(count):
        visitor.get(path)
    return site.cpu_since(began) / count


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows as text in columns, numbers to the right."""
    lines = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


class Checks:
    """What has to be true at the end; the exit status of a program."""

    def __init__(self) -> None:
        self.failed = 0

    def expect(self, sentence: str, problems: Sequence[object]) -> None:
        """Say whether something holds: it does when there are no problems."""
        print(f"  {'ok ' if not problems else 'NOT'} {sentence}", flush=True)
        for problem in list(problems)[:5]:
            print(f"      {problem}")
        if len(problems) > 5:
            print(f"      and {len(problems) - 5} more")
        self.failed += bool(problems)

    @property
    def status(self) -> int:
        print("All checks hold." if not self.failed else f"{self.failed} checks failed.")
        return 1 if self.failed else 0


def machine() -> str:
    """What this machine is and how busy it is with other things: figures are of this run only."""
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, load {load:.1f} before the start, Python {sys.version.split()[0]}"
    )
