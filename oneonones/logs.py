"""How a log line looks: what happened and where in the code, never what a person wrote."""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent  # no settings: what cannot read them logs too
QUERY_STRING = re.compile(r"(/[^\s?\"']*)\?[^\s\"']*")
# A part of an address that opens something by itself: the key of a link in a mail, of a feed. Ids
# stay; they open nothing.
SECRET_PART = re.compile(
    r"/(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))[\w=~-]{32,}", re.IGNORECASE
)
# Where Celery puts the words of an exception, a task's arguments and what it returned
CELERY_WORDS = ("exc", "traceback", "args", "kwargs", "return_value")


class JSONFormatter(logging.Formatter):
    """One object a line, for machines."""

    def format(self, record):
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": safe_message(record),
        }
        if status := getattr(record, "status_code", None):
            line["status"] = status
        if person := _number_of_who_asked(record):
            line["by"] = person
        if record.exc_info and record.exc_info[1]:
            line["exception"] = safe_exception(record.exc_info[1])
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    """The same, for a person at a terminal."""

    def format(self, record):
        line = f"{record.levelname.lower()} {record.name}: {safe_message(record)}"
        if record.exc_info and record.exc_info[1]:
            exception = safe_exception(record.exc_info[1])
            line = "\n    ".join([line, exception["type"], *exception["frames"]])
        return line


def _number_of_who_asked(record: logging.LogRecord) -> int | None:
    """Whose request it was, as the log of the school numbers people: of a refusal, who tried."""
    person = getattr(getattr(record, "request", None), "person", None)
    return getattr(person, "pk", None)


def safe_message(record: logging.LogRecord) -> str:
    """The message without query strings and without the words of an exception."""
    arguments = record.args
    if isinstance(arguments, Mapping):
        arguments = {**arguments, **dict.fromkeys(CELERY_WORDS, "(not logged)")}
    elif isinstance(arguments, tuple):
        arguments = tuple(_type_of(a) if isinstance(a, BaseException) else a for a in arguments)
    try:
        message = str(record.msg) % arguments if arguments else str(record.msg)
    except (TypeError, ValueError, KeyError):
        message = f"unprintable message in {record.pathname}:{record.lineno}"
    if isinstance(record.msg, BaseException):
        message = _type_of(record.msg)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None and str(error):
        message = message.replace(repr(error), _type_of(error))
        message = message.replace(str(error), _type_of(error))
    return SECRET_PART.sub("/(secret)", QUERY_STRING.sub(r"\1", message))


def safe_exception(error: BaseException) -> dict:
    """The type of an exception and where it came from; its message may hold a person's words."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": _type_of(error),
        "frames": [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames],
    } | ({"cause": safe_exception(error.__cause__)} if error.__cause__ else {})


def _type_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(ROOT) and ".venv" not in path.parts:
        return str(path.relative_to(ROOT))
    return "/".join(path.parts[-3:])
