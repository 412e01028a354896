"""The walls of the house: who may import whom (docs/house.md)."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

WALLS = [
    # (folder or file, what it must not import, why)
    ("syncengine", r"fakes\b", "the engine meets the fakes over HTTP only"),
    ("fakes", r"syncengine\b", "an engine is found by entry point or URL"),
    ("fakes/kit", r"fakes\.(salesforce|marketo|console|pytest_plugin|cli|world)\b", "the kit knows no vendor"),
    ("fakes/salesforce", r"fakes\.(marketo|console|pytest_plugin|cli|world)\b", "an org knows no instance"),
    ("fakes/marketo", r"fakes\.(salesforce|console|pytest_plugin|cli|world)\b", "an instance knows no org"),
    ("fakes/console", r"(pytest|fakes\.pytest_plugin|fakes\.cli)\b", "the console is no test"),
    ("fakes/salesforce/formula", r"(flask|sqlite3|fakes\.(kit|salesforce\.(?!formula)))", "a language knows no server"),
    ("fakes/salesforce/soql", r"(flask|sqlite3|fakes\.kit)\b", "a language knows no server"),
    ("fakes/salesforce/access.py", r"(flask|sqlite3|fakes\.kit\.clock)\b", "rules know only their arguments"),
    ("fakes/salesforce/schema.py", r"(flask|sqlite3|fakes\.kit\.clock)\b", "rules know only their arguments"),
    ("fakes/salesforce/validation.py", r"(flask|sqlite3)\b", "rules know only their arguments"),
    ("fakes/salesforce/store.py", r"flask\b", "the store knows no web"),
    ("fakes/marketo/store.py", r"flask\b", "the store knows no web"),
    ("fakes/marketo/paging.py", r"(flask|sqlite3)\b", "rules know only their arguments"),
    ("syncengine/reconcile.py", r"(requests|sqlalchemy|syncengine\.(clients|state|cycle|cli))\b", "the plan is pure"),
    ("syncengine/policy.py", r"(requests|sqlalchemy|syncengine\.(clients|state|cycle|cli))\b", "the plan is pure"),
    ("syncengine/mapping.py", r"(requests|sqlalchemy|syncengine\.(clients|state|cycle|cli))\b", "the plan is pure"),
    ("syncengine/actions.py", r"(requests|sqlalchemy|syncengine\.(clients|state|cycle|cli))\b", "the plan is pure"),
]


def modules(place):
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imports(path):
    """Every module that a file imports, by its full name."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            start = ".".join(part for part in (base, node.module) if part)
            yield start, node.lineno
            yield from ((f"{start}.{alias.name}", node.lineno) for alias in node.names)


@pytest.mark.parametrize(("place", "forbidden", "why"), WALLS, ids=[f"{w[0]}-{n}" for n, w in enumerate(WALLS)])
def test_a_room_imports_only_what_it_may(place, forbidden, why):
    found = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for path in modules(place)
        for name, line in imports(path)
        if re.match(forbidden, name)
    ]

    assert modules(place), f"{place} is gone: mend this list"
    assert found == [], why


def test_the_packages_import_nothing_that_is_only_for_tests():
    allowed = {"pytest_plugin"}
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for package in ("fakes", "syncengine")
        for path in modules(package)
        if not allowed & set(path.parts)
        for name, line in imports(path)
        if re.match(r"(pytest|hypothesis|requests_mock|tests)\b", name)
    ]

    assert found == []
