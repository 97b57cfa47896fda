#!/usr/bin/env python3
"""
Plants faults in what decides who reads a note, one at a time, and runs the tests of notes on each.

  .venv/bin/python benchmarks/faults.py [--only WORDS] [--stack sqlite|production]

The list is faults.toml. Nothing here is changed: each fault is put into a copy in a temporary
folder. Exit status 1 when a test finds no fault that has no written reason, or finds one that has.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LIST = HERE / "faults.toml"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache")
# Those first that find most
FIRST = ("visibility", "protocols", "agreements", "vault", "writing", "narrow_only", "histories")
TESTS = [
    *(f"notes/tests/test_{name}.py" for name in FIRST),
    "people/tests/test_words.py",
    "notes",
]


class Fault(NamedTuple):
    file: str
    before: str
    after: str
    is_production: bool
    equivalent: str

    def __str__(self) -> str:
        return f"{self.file}: {' '.join(self.before.split())[:70]}"


def faults() -> list[Fault]:
    return [
        Fault(
            each["file"],
            each["from"],
            each["to"],
            each.get("on") == "production",
            each.get("equivalent", ""),
        )
        for each in tomllib.loads(LIST.read_text())["fault"]
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[1])
    parser.add_argument("--only", default="", help="words of a file's name")
    parser.add_argument("--stack", choices=["sqlite", "production"], help="both without")
    options = parser.parse_args()
    wanted = [
        each
        for each in faults()
        if options.only in each.file
        and options.stack in (None, "production" if each.is_production else "sqlite")
    ]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        wrong = [each for each in wanted if not is_as_written(each, copy)]
    found = sum(not each.equivalent for each in wanted) - sum(not each.equivalent for each in wrong)
    print(f"{len(wanted)} faults: {found} found, {len(wrong)} not as the list says.")
    return bool(wrong)


def is_as_written(fault: Fault, copy: Path) -> bool:
    """Plant it, run the tests, take it out again; say what came of it."""
    file = copy / fault.file
    text = file.read_text()
    file.write_text(text.replace(fault.before, fault.after))
    try:
        is_found = tests_find_it(copy, is_production=fault.is_production)
    finally:
        file.write_text(text)
    if is_found is None:
        print(f"  ??  {fault}: the tests did not run", flush=True)
        return False
    is_right = is_found != bool(fault.equivalent)
    said = "found" if is_found else "left"
    why = f" ({fault.equivalent})" if fault.equivalent else ""
    print(f"  {'ok' if is_right else '!!'}  {said}: {fault}{why}", flush=True)
    return is_right


def tests_find_it(copy: Path, *, is_production: bool) -> bool | None:
    """Whether a test fails; None where they did not come so far."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", *TESTS]
    if is_production:
        command = [sys.executable, "-W", "ignore", "oneonones/tests/servers.py", *command]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return False
    return True if re.search(r"^\d+ failed", done.stdout, re.MULTILINE) else None


if __name__ == "__main__":
    sys.exit(main())
