"""The pytest plugin ``syncrig``: feature files as tests, fakes and engine as fixtures, steps that read as prose.

It comes with the extra ``syncrig[test]``; without pytest-bdd it stands aside, so that an environment that only wants
the fakes keeps a working pytest.
"""

from __future__ import annotations

from importlib.util import find_spec

STEP_MODULES = (
    "people",
    "changes",
    "security",
    "rules",
    "fields",
    "cycles",
    "clock",
    "flow",
    "activities",
    "quietness",
)
"""The step library, one module a subject, in the order of the catalogue."""

pytest_plugins = (
    ["fakes.pytest_plugin.plugin", *(f"fakes.pytest_plugin.steps.{name}" for name in STEP_MODULES)]
    if find_spec("pytest_bdd")
    else []
)
