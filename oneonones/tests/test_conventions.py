"""What the code promises about itself, read from its syntax tree; CONTRIBUTING.md says why."""

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

from people import own_data
from people.models import Person, User

ROOT = Path(settings.BASE_DIR)
APPS = ("audit", "people", "scheduling", "notes")
CONFIDENTIAL = {"Part"}  # reached only by `visible_to`, from no other model
LONGEST = 400  # lines of a Python file; then it becomes a package, split by subject

# Exempt by name (DECISIONS 31): these must not be atomic, or answer without changing anything.
NOT_ATOMIC = {
    ("audit", "record"),  # the last statement of somebody else's transaction
    ("audit", "verify"),
    ("audit", "compare"),
    ("audit", "heads_that_do_not_fit"),  # reads
}
WITHOUT_ACTOR = {("audit", each) for each in ("compare", "heads_that_do_not_fit", "verify")}


def files(*parts):
    return sorted(
        path
        for path in ROOT.glob("*/**/*.py")
        if path.relative_to(ROOT).parts[0] in {*APPS, "oneonones", "benchmarks"}
        and (not parts or any(part in path.relative_to(ROOT).parts for part in parts))
        and "migrations" not in path.parts
    )


def modules(name):
    """The modules of that name in every app, or of the packages they became."""
    return [
        path
        for app in APPS
        for path in [*(ROOT / app).glob(f"{name}.py"), *(ROOT / app / name).glob("*.py")]
        if path.name != "__init__.py"
    ]


def tree(path):
    return ast.parse(path.read_text())


def named(path):
    return str(path.relative_to(ROOT))


def test_modules_say_what_belongs_there():
    silent = [
        named(path)
        for path in files()
        if "tests" not in path.parts and tree(path).body and not ast.get_docstring(tree(path))
    ]

    assert silent == []


def test_files_are_short_enough_to_read():
    lengths = {named(path): len(path.read_text().splitlines()) for path in files()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}


def public_functions(path):
    return [
        node
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def exported(path):
    """What a package of actions offers; its other functions help the neighbours only."""
    init = path.parent / "__init__.py"
    if path.parent.name != "actions":
        return None
    return {
        alias.name
        for node in tree(init).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@pytest.mark.parametrize("path", modules("actions"), ids=named)
def test_actions_say_who_did_it_and_happen_whole(path):
    app = path.relative_to(ROOT).parts[0]
    offered = exported(path)
    for function in public_functions(path):
        if offered is not None and function.name not in offered:
            continue
        key = (app, function.name)
        keywords = [arg.arg for arg in function.args.kwonlyargs]
        decorators = [ast.unparse(each) for each in function.decorator_list]

        assert "by" in keywords or key in WITHOUT_ACTOR, function.name
        assert key in NOT_ATOMIC or any(
            each.startswith("transaction.atomic") for each in decorators
        ), function.name


@pytest.mark.parametrize(
    "path", [*modules("models"), *modules("permissions"), *modules("actions")], ids=named
)
def test_models_permissions_and_actions_know_no_http(path):
    imported = {
        node.module or "" for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)
    } | {
        alias.name
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Import)
        for alias in node.names
    }

    assert not {each for each in imported if each.startswith(("django.http", "django.shortcuts"))}
    assert "request" not in {
        arg.arg
        for node in ast.walk(tree(path))
        if isinstance(node, ast.arguments)
        for arg in [*node.args, *node.kwonlyargs]
    }


@pytest.mark.parametrize("path", modules("views"), ids=named)
def test_views_write_nothing_themselves(path):
    writes = {"create", "bulk_create", "update", "delete", "save", "get_or_create"}
    calls = [
        f"{node.lineno}: {ast.unparse(node.func)}"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writes
        and not ast.unparse(node.func).startswith(
            ("actions.", "request.session", "uploads.", "query.")
        )
    ]

    assert calls == []


@pytest.mark.parametrize("path", modules("views"), ids=named)
def test_views_reach_confidential_rows_only_through_visible_to(path):
    code = tree(path)
    uses = {
        node for node in ast.walk(code) if isinstance(node, ast.Name) and node.id in CONFIDENTIAL
    }
    allowed = re.compile(rf"({'|'.join(CONFIDENTIAL)})\.(objects\.visible_to|DoesNotExist)")
    scoped = {
        root(node)
        for node in ast.walk(code)
        if isinstance(node, ast.Attribute) and allowed.fullmatch(ast.unparse(node))
    }

    assert [f"{named(path)}:{node.lineno}" for node in uses - scoped] == []


def root(node):
    while isinstance(node, ast.Attribute):
        node = node.value
    return node


@pytest.mark.parametrize("path", modules("views"), ids=named)
def test_views_are_functions(path):
    classes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ClassDef)]

    assert not [each.name for each in classes if any("View" in ast.unparse(b) for b in each.bases)]


def test_notes_have_no_back_door():
    for model in apps.get_app_config("notes").get_models():
        for field in model._meta.get_fields():
            if field.is_relation:
                assert field.remote_field.hidden, f"{field} is reachable from outside"


@pytest.mark.parametrize(
    "model",
    [model for app in APPS for model in apps.get_app_config(app).get_models()],
    ids=lambda model: model.__name__,
)
def test_model_is_said_in_words_and_names_nobody(model):
    docstring = (model.__doc__ or "").strip()
    fields = ", ".join(field.name for field in model._meta.fields)

    assert docstring
    assert not docstring.startswith(f"{model.__name__}(")  # Django's own: the list of fields
    assert fields
    assert str(model(pk=7)) == f"{model.__name__} 7"


def test_all_that_is_kept_of_people_is_in_their_own_data_or_left_out_for_a_reason():
    told = [name for chapter in own_data.chapters() for name in chapter.of]
    relations = [
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.concrete and field.is_relation and field.related_model in (Person, User)
    ]

    assert sorted([*told, *own_data.left_out()]) == sorted(relations)


def test_every_field_is_classified_once_and_says_what_erasing_does():
    table = re.findall(
        r"^\| (\w+\.\w+) \| ([\w, ]+) \| (\w+) \| (.+) \|$",
        (ROOT / "docs" / "retention.md").read_text(),
        re.MULTILINE,
    )
    classes = {"school", "number", "personal", "meeting", "sealed", "secret"}

    assert {each for _, _, each, _ in table} == classes
    assert sorted(
        f"{model}.{name}" for model, names, *_ in table for name in names.split(", ")
    ) == (
        sorted(
            f"{app}.{model.__name__}.{field.name}"
            for app in APPS
            for model in apps.get_app_config(app).get_models()
            for field in model._meta.get_fields()
            if field.concrete and field.name != "id"
        )
    )


def test_nothing_gives_rights_to_superusers():
    asking = [
        named(path)
        for path in files()
        if "tests" not in path.parts
        and re.search(r"\.is_superuser|has_perm\b|perms\.", path.read_text())
    ]

    assert asking == []


def test_nothing_listens_to_signals():
    listening = re.compile(r"\b(post_save|pre_save|post_delete|pre_delete|receiver)\b")

    assert [
        named(path)
        for path in files()
        if "tests" not in path.parts and listening.search(path.read_text())
    ] == []


def test_every_template_is_used_by_its_literal_name():
    templates = ROOT / "templates"
    sources = "\n".join(
        path.read_text()
        for path in [*files(), *templates.rglob("*.html"), *templates.rglob("*.txt")]
    )
    ours = [
        str(path.relative_to(templates))
        for app in ("people", "scheduling", "notes", "components")
        for path in (templates / app).rglob("*.*")
    ]

    assert [name for name in ours if name not in sources] == []


def test_one_place_writes_sheets():
    writing = re.compile(r"csv\.(writer|DictWriter)|xlsxwriter|\bWorkbook\(")

    # Benchmarks write files for themselves; whoever opens one of ours may open it in a spreadsheet
    assert [
        named(path)
        for path in files()
        if not {"tests", "benchmarks"} & set(path.parts) and writing.search(path.read_text())
    ] == ["people/sheets.py"]


def test_tasks_carry_keys_only():
    from oneonones import celery_app  # noqa: PLC0415

    celery_app.loader.import_default_modules()
    ours = {
        name: task
        for name, task in celery_app.tasks.items()
        if name.split(".")[0] in {*APPS, "oneonones"}
    }

    assert ours
    for name, task in ours.items():
        code = task.run.__code__
        arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
        assert all(each.endswith(("_id", "_uid")) or each == "key" for each in arguments), name
