"""That no log line holds what a person wrote."""

import json
import logging
import sys

import pytest
from django.urls import reverse

from oneonones.celery import app
from oneonones.logs import JSONFormatter, TextFormatter
from people.tests.factories import PersonFactory

WORDS = "she told me about the divorce"


def formatted(message, *args, formatter=JSONFormatter, error=None):
    record = logging.LogRecord("people", logging.ERROR, __file__, 1, message, args, error)
    return formatter().format(record)


def caught():
    try:
        raise ValueError(WORDS)
    except ValueError:
        return sys.exc_info()


@pytest.mark.parametrize("formatter", [JSONFormatter, TextFormatter])
@pytest.mark.parametrize(
    ("message", "args"),
    [
        ("Could not save", ()),
        (f"Could not save: {WORDS}", ()),
        ("Could not save: %s", (ValueError(WORDS),)),
        ("Could not save: %r", (ValueError(WORDS),)),
        (ValueError(WORDS), ()),
        ("GET %s", (f"/people/?q={WORDS}",)),
        ("Task %(name)s raised: %(exc)s", ({"name": "send", "exc": WORDS, "args": WORDS},)),
    ],
)
def test_log_line_drops_words(formatter, message, args):
    line = formatted(message, *args, formatter=formatter, error=caught())

    assert "divorce" not in line
    assert "ValueError" in line
    assert "test_logs.py" in line


def test_log_line_is_json():
    line = json.loads(formatted("Internal Server Error: %s", "/people/?q=x", error=caught()))

    assert line["message"] == "Internal Server Error: /people/"
    assert line["level"] == "error"
    assert line["exception"]["type"] == "ValueError"
    assert line["exception"]["frames"][0].startswith("oneonones/tests/test_logs.py:")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (f"/feeds/{'x' * 43}.ics", "/feeds/(secret).ics"),
        (f"/accounts/password/reset/key/1a-c9k2p3-{'0a' * 16}/",
         "/accounts/password/reset/key/(secret)/"),
        ("/meetings/0b9f7a52-5c3e-4a7e-9d57-2f0c8f1c1f7a/notes/",
         "/meetings/0b9f7a52-5c3e-4a7e-9d57-2f0c8f1c1f7a/notes/"),
    ],
)  # fmt: skip
def test_log_line_drops_what_opens_something_by_itself(path, shown):
    assert json.loads(formatted("Not Found: %s", path))["message"] == f"Not Found: {shown}"


def test_log_line_names_the_cause():
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as error:
            raise RuntimeError(WORDS) from error
    except RuntimeError:
        line = json.loads(formatted("Failed", error=sys.exc_info()))

    assert line["exception"]["cause"]["type"] == "KeyError"
    assert "divorce" not in json.dumps(line)


def test_log_line_with_wrong_arguments():
    assert "unprintable message" in formatted("%d people", "three")


def test_celery_leaves_what_tasks_return_out_of_the_log():
    assert not logging.getLogger("celery.app.trace").isEnabledFor(logging.INFO)
    assert app.conf.task_ignore_result
    assert not app.conf.task_store_errors_even_if_ignored


def test_nobody_is_mailed_a_request():
    handlers = logging.getLogger("django").handlers + logging.getLogger("django.request").handlers

    assert [type(handler).__name__ for handler in handlers] == []


@pytest.mark.django_db
def test_a_refusal_says_who_tried(client, caplog):
    person = PersonFactory(teacher=True, family_name="Zanzibar")
    client.force_login(person.user)

    assert client.get(reverse("people:setup"), {"q": WORDS}).status_code == 403

    [refused] = [each for each in caplog.records if getattr(each, "status_code", 0) == 403]
    text = JSONFormatter().format(refused)
    line = json.loads(text)
    assert (line["by"], line["status"]) == (person.pk, 403)
    assert line["message"].endswith(reverse("people:setup"))
    for secret in ("divorce", "Zanzibar", person.email):
        assert secret not in text
