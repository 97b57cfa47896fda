"""How a log line looks and where it goes: what happened, never what a person wrote."""

import json
import logging
import re
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import log_shipping

ROOT = Path(__file__).resolve().parent.parent  # no settings: what cannot read them logs too
QUERY_STRING = re.compile(r"(/[^\s?\"']*)\?[^\s\"']*")
# A part of an address that opens something by itself: the key of a link in a mail, of a feed. Ids
# stay; they open nothing.
SECRET_PART = re.compile(
    r"/(?![0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-]))[\w=~-]{32,}", re.IGNORECASE
)
# Where Celery puts the words of an exception, a task's arguments and what it returned
CELERY_WORDS = ("exc", "traceback", "args", "kwargs", "return_value")


def configuration(form: str, *, to: str = "") -> dict[str, Any]:
    """
    Where lines go and in which form ("json" or "text"), as `logging.config` wants to be told.

    `to` is another machine, as `LOG_TO` names it. Raises ImproperlyConfigured where it is none.
    """
    made = outputs(form, to=to)
    return made | {
        "root": {"handlers": list(made["handlers"]), "level": "INFO"},
        "loggers": {
            # Django's own handlers would mail whole requests to ADMINS and print messages in full
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "INFO", "propagate": True},
            # Each event of the school's own log, by number: for the other machine alone
            "audit.chain": {
                "handlers": ["shipped"] if to else [],
                "level": "INFO" if to else "CRITICAL",
                "propagate": False,
            },
            # At INFO Celery prints what a task returned, and why it is tried again
            "celery": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "fido2": {"level": "WARNING"},  # at INFO it names each passkey
        },
    }


def outputs(form: str, *, to: str = "") -> dict[str, Any]:
    """Formatters and handlers, which gunicorn has in common with the site."""
    handlers: dict[str, Any] = {"console": {"class": "logging.StreamHandler", "formatter": form}}
    if to:
        log_shipping.place_of(to)  # one that cannot be read stops the start
        handlers["shipped"] = {
            "()": "oneonones.log_shipping.ShippingHandler",
            "to": to,
            "formatter": "json",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "oneonones.logs.JSONFormatter"},
            "text": {"()": "oneonones.logs.TextFormatter"},
        },
        "handlers": handlers,
    }


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
        if event := getattr(record, "audit_event", None):
            line["event"] = event
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
