"""Whether a password has leaked somewhere, by a list that lies in a file here: nobody is asked."""

import hashlib
import os
from pathlib import Path

DIGITS = 40  # of a SHA-1, in hexadecimal


def is_leaked(password: str, path: str | Path) -> bool:
    """
    Whether a list holds the SHA-1 of a password.

    The list is what Have I Been Pwned gives out: a line for each, the hash and perhaps ":" and how
    often, sorted by hash. It may have any size: some thirty lines of it are read. Raises OSError.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with Path(path).open("rb") as file:
        # The line, if there is one, begins at `low` or behind it, and before `high`
        low, high = 0, file.seek(0, os.SEEK_END)
        while low < high:
            middle = (low + high) // 2
            file.seek(max(middle - 1, 0))
            if middle:
                file.readline()  # to where the next line begins
            begin = file.tell()
            line = file.readline()
            found = line[:DIGITS].upper()
            if begin >= high or found > wanted:
                high = middle
            elif found == wanted:
                return True
            else:
                low = begin + len(line)
    return False


def trouble_with(path: str | Path) -> str:
    """What is wrong with a list, in a sentence; "" where its beginning is as it should be."""
    try:
        with Path(path).open("rb") as file:
            begins = [file.readline(200)[:DIGITS] for _ in range(2)]
    except OSError:
        return "The list of leaked passwords cannot be read."
    lines = [line for line in begins if line]
    if not lines or not all(_is_hash(line) for line in lines) or lines != sorted(lines):
        return "The list of leaked passwords does not hold sorted SHA-1 hashes, one a line."
    return ""


def _is_hash(line: bytes) -> bool:
    return len(line) == DIGITS and all(letter in b"0123456789ABCDEFabcdef" for letter in line)
