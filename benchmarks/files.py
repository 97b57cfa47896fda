"""Files that programs are given, and the product's own commands that take them in."""

import csv
import subprocess
import sys
from pathlib import Path

from .machine import ROOT


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, by the names in its first."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def manage(*words) -> str:
    """What a command says, as somebody at a terminal would run it; ends the program if it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{words[0]}: {done.stdout}{done.stderr}")
    return done.stdout
