"""Reports of the content security policy: read in both formats, and nothing of them kept."""

import json
import logging

import pytest
from django.test import Client

from oneonones import reports, views

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]

WORDS = "divorce"
UID = "6f1b6f0e-8a53-4c3e-9d42-1f3a6d0a7b11"
ADDRESS = f"https://school.example/people/{UID}/?q={WORDS}#{WORDS}"
OLD = {
    "csp-report": {
        "document-uri": ADDRESS,
        "referrer": ADDRESS,
        "blocked-uri": f"https://elsewhere.example/{WORDS}",
        "effective-directive": "script-src-elem",
        "script-sample": WORDS,
    }
}
NEW = [
    {
        "type": "csp-violation",
        "url": ADDRESS,
        "body": {
            "documentURL": ADDRESS,
            "effectiveDirective": "script-src-elem",
            "sample": WORDS,
        },
    }
]


def send(body, content_type="application/csp-report"):
    browser = Client(enforce_csrf_checks=True, raise_request_exception=True)
    return browser.post("/csp-report", body, content_type=content_type)


@pytest.mark.parametrize("report", [OLD, NEW], ids=["report-uri", "report-to"])
def test_report_logs_rule_and_page_only(report, caplog):
    caplog.set_level(logging.DEBUG, logger="oneonones")

    response = send(json.dumps(report))

    assert response.status_code == 204
    assert [
        record.getMessage() for record in caplog.records if record.name == "oneonones.views"
    ] == ["Content security policy: script-src-elem broken on scheduling:person_page"]
    assert WORDS not in caplog.text
    assert UID not in caplog.text


@pytest.mark.parametrize("address", ["https://[", f"/{WORDS}", "", None, 7, "\0", [WORDS]])
def test_report_of_no_page_of_ours_names_none(address):
    report = {"csp-report": {"document-uri": address, "effective-directive": WORDS}}

    assert reports.violations(json.dumps(report).encode()) == [("another directive", "no page")]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"7", b"null", b"[7]", b"[[]]", b"{}", b'{"csp-report": []}',
     b"[" * reports.LONGEST, b"9" * reports.LONGEST],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_report_is_refused(body, caplog):
    response = send(body)

    assert response.status_code == 400
    assert "Content security policy" not in caplog.text


def test_what_is_too_long_is_refused():
    assert send(b" " * (reports.LONGEST + 1)).status_code == 413


def test_other_reports_are_passed_over():
    assert send(json.dumps([{"type": "deprecation", "body": {}}])).status_code == 204


def test_one_message_is_looked_at_no_further_than_ten():
    assert len(reports.violations(json.dumps(NEW * 40).encode())) == reports.MOST


def test_reports_are_taken_by_post_only(client):
    assert client.get("/csp-report").status_code == 405


def test_too_many_reports_are_refused(monkeypatch):
    monkeypatch.setitem(views.REPORT_RATES, "csp_report", "2/m/ip")

    assert [send(json.dumps(OLD)).status_code for _ in range(3)] == [204, 204, 429]


def test_every_page_says_where_reports_go(client):
    response = client.get("/accounts/login/")

    assert "report-uri /csp-report" in response["Content-Security-Policy"]
    assert response["Reporting-Endpoints"] == 'csp="/csp-report"'
