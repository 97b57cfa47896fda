"""
Ways of writing that open a door, none of which is in our code: read from its syntax tree.

What ruff, bandit and import-linter look for is asked of them (`./dev check`); the last test here
plants it and sees that they still find it. Each rule of our own is seen to find what is planted.
"""

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from .test_conventions import ROOT, files, named, tree

SENT = {"POST", "GET", "FILES", "body", "COOKIES", "META", "headers", "content_params"}
LOGGERS = {"log", "logger", "logging"}
ADDRESSES = {"next", "referer", "http_referer"}


@cache
def trees():
    """Of everything that runs in a school."""
    return [
        (named(path), tree(path))
        for path in files()
        if not {"tests", "benchmarks"} & set(path.relative_to(ROOT).parts)
    ]


def calls(code, *names):
    """Calls of a function or method of one of these names."""
    return [node for node in ast.walk(code) if isinstance(node, ast.Call) and called(node) in names]


def called(node):
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def says_what_was_sent(node):
    """Whether an expression reads what a browser sent: a field, a header, a cookie, a file."""
    return any(
        isinstance(each, ast.Attribute)
        and (each.attr == "cleaned_data" or (each.attr in SENT and _is_request(each.value)))
        for each in ast.walk(node)
    )


def _is_request(node):
    return ast.unparse(node).split(".")[-1] == "request"


def unescaped(code):
    """HTML that is taken as it is: only constants, and tables in capitals, are ours for sure."""
    return [
        node
        for node in calls(code, "SafeString", "SafeText", "mark_safe", "safe")
        if not all(_is_ours(each) for each in node.args)
    ]


def _is_ours(node):
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


def handmade_queries(code):
    return calls(code, "raw", "extra", "RawSQL")


def assembled_sql(code):
    """SQL put together from strings; psycopg2's own `sql.SQL` quotes what it puts in."""
    return [
        node
        for node in calls(code, "execute", "executemany", "executescript")
        if node.args and _is_assembled(node.args[0])
    ]


def _is_assembled(node):
    if isinstance(node, ast.Call):
        return called(node) == "format" and "sql.SQL(" not in ast.unparse(node)
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(each, ast.FormattedValue) for each in node.values)
    return isinstance(node, ast.BinOp)


def without_csrf(code):
    return [
        node
        for node in ast.walk(code)
        if "csrf_exempt" in (getattr(node, "attr", ""), getattr(node, "id", ""))
    ]


def opened_for_the_system(code):
    return [node for node in calls(code, "system") if ast.unparse(node.func) != "platform.system"]


def logged_input(code):
    return [
        node
        for node in ast.walk(code)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ast.unparse(node.func.value).split(".")[-1] in LOGGERS
        and says_what_was_sent(node)
    ]


def redirects_by_input(code):
    """Leading on to an address that a browser named; `own_page` lets only ours through."""
    checked = {each for call in calls(code, "own_page") for each in ast.walk(call)}
    leading = calls(code, "redirect", "HttpResponseRedirect", "HttpResponsePermanentRedirect")
    return [
        node
        for node in ast.walk(code)
        if node not in checked
        and (asks_for_an_address(node) or (node in leading and _leads_where_it_was_told(node)))
    ]


def asks_for_an_address(node):
    if isinstance(node, ast.Subscript):
        key, source = node.slice, node.value
    elif isinstance(node, ast.Call) and called(node) == "get" and node.args:
        key, source = node.args[0], node.func
    else:
        return False
    name = str(getattr(key, "value", "")).lower()
    return name in ADDRESSES and says_what_was_sent(source)


def _leads_where_it_was_told(call):
    return any(
        says_what_was_sent(each) and "own_page" not in ast.unparse(each)
        for each in [*call.args, *call.keywords]
    )


# Where it is done on purpose, and how often
ALLOWED = {
    unescaped: {"scheduling/templatetags/grid_marks.py": 1},  # joins what `_drawn` escaped
    handmade_queries: {},
    assembled_sql: {  # names of tables, roles and triggers, all of them the module's own
        "audit/append_only.py": 3,
        "notes/row_rules.py": 3,
        "notes/narrow_only.py": 2,
        "oneonones/backup/sqlite.py": 2,
        "people/models/outgoing.py": 1,
        "scheduling/overdue.py": 2,
    },
    without_csrf: {
        "oneonones/views.py": 1,  # browsers send reports by themselves
        "people/views/oneroster.py": 1,  # asks after it has chosen where uploads go
    },
    opened_for_the_system: {
        "notes/actions/agreements.py": 1,
        "notes/erasing.py": 1,
        "notes/checking.py": 1,
        "notes/keeping.py": 1,
        "notes/purging.py": 1,
        "notes/vault.py": 1,
    },
    logged_input: {},
    redirects_by_input: {
        "people/addresses.py": 2,  # each goes through `own_page` in the next line
        "people/views/accounts.py": 1,  # handed back to allauth, which looks at it
    },
}

PLANTED = {
    unescaped: ["SafeString(person.name)", "mark_safe('<b>' + name)", "SafeString(''.join(names))"],
    handmade_queries: ["Part.objects.raw(words)", "rows.extra(where=['1=1'])", "RawSQL(words, [])"],
    assembled_sql: [
        "cursor.execute(f'SELECT {name}')",
        "cursor.execute('SELECT %s' % name)",
        "cursor.executemany('SELECT ' + name, rows)",
        "cursor.execute('SELECT {}'.format(name))",
    ],
    without_csrf: ["@csrf_exempt\ndef view(request): ...", "view = csrf.csrf_exempt(view)"],
    opened_for_the_system: ["Part.objects.system(Why.NARROW, by=by, at=at)"],
    logged_input: [
        "logger.info('%s', request.POST)",
        "self.logger.warning(request.POST['body'])",
        "logging.error(f'{request.headers}')",
        "log.info('%s', form.cleaned_data['body'])",
    ],
    redirects_by_input: [
        "redirect(request.GET['to'])",
        "HttpResponseRedirect(self.request.headers.get('X-To'))",
        "to = request.POST.get('next')",
        "to = request.GET['next']",
        "to = request.META.get('HTTP_REFERER', '')",
    ],
}

HARMLESS = {
    unescaped: ["SafeString('<b>')", "SafeString(ICONS[name])", "format_html('<b>{}</b>', name)"],
    handmade_queries: ["rows.filter(pk=1)"],
    assembled_sql: [
        "cursor.execute('SELECT %s', [name])",
        "cursor.execute(sql.SQL('GRANT {}').format(sql.Identifier(name)))",
    ],
    without_csrf: ["csrf_protect(view)"],
    opened_for_the_system: ["platform.system()"],
    logged_input: ["logger.info('%s of %s', done, len(rows))"],
    redirects_by_input: [
        "redirect('home')",
        "redirect(own_page(request, request.POST.get('next', '')) or 'home')",
        "each = request.POST.get('nextday')",
    ],
}


@pytest.mark.parametrize("rule", ALLOWED, ids=lambda rule: rule.__name__)
def test_rule_is_kept(rule):
    found = {name: lines for name, code in trees() if (lines := [x.lineno for x in rule(code)])}

    assert {name: len(lines) for name, lines in found.items()} == ALLOWED[rule], found


@pytest.mark.parametrize("rule", ALLOWED, ids=lambda rule: rule.__name__)
def test_rule_finds_what_is_planted_and_nothing_else(rule):
    assert [code for code in PLANTED[rule] if not rule(ast.parse(code))] == []
    assert [code for code in HARMLESS[rule] if rule(ast.parse(code))] == []


UNESCAPED = re.compile(r"\|\s*(safe|safeseq)\b|\{%\s*autoescape\s+off")


def test_templates_escape_what_they_show():
    pages = [*(ROOT / "templates").rglob("*.html")]

    assert pages
    assert [named(path) for path in pages if UNESCAPED.search(path.read_text())] == []
    for planted in ("{{ name|safe }}", "{{ names | safeseq }}", "{% autoescape off %}"):
        assert UNESCAPED.search(planted)


FOUND_BY_RUFF = {
    "S102": "exec(words)",
    "S301": "pickle.loads(words)",
    "S307": "eval(words)",
    "S308": "mark_safe(words)",
    "S324": "hashlib.md5(words)",
    "S501": "requests.get('https://school.example', timeout=1, verify=False)",
    "S506": "yaml.load(words)",
    "S602": "subprocess.run(words, shell=True)",
    "S605": "os.system(words)",
    "S608": "f'SELECT name FROM people WHERE name = {words}'",
    "T201": "print(words)",
    "DTZ005": "datetime.datetime.now()",
}
IMPORTS = """\
import datetime, hashlib, os, pickle, subprocess
import requests, yaml
from django.utils.safestring import mark_safe
words = input()
"""


def test_ruff_finds_what_is_planted():
    planted = IMPORTS + "\n".join(FOUND_BY_RUFF.values()) + "\n"
    ruff = Path(sys.executable).with_name("ruff")
    if not ruff.exists():
        pytest.skip("ruff is a tool of ./dev check")

    said = subprocess.run(
        [ruff, "check", "--output-format=json", "--stdin-filename=people/planted.py", "-"],
        input=planted, capture_output=True, text=True, check=False, cwd=ROOT,
    )  # fmt: skip

    lines = planted.splitlines()
    found = {(each["code"], lines[each["location"]["row"] - 1]) for each in json.loads(said.stdout)}
    assert set(FOUND_BY_RUFF.items()) - found == set()
