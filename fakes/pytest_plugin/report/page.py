"""One HTML page for a run: it needs no other file, prints well and follows the reader's light or dark setting."""

from __future__ import annotations

import time
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment

_HERE = files(__package__ or "fakes.pytest_plugin.report")


def write(folder: str, records: list[dict[str, Any]], started: float) -> Path:
    """Write the report of a run; the page's path."""
    target = Path(folder) / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render(records, started, time.time()), encoding="utf-8")
    return target


def render(records: list[dict[str, Any]], started: float, ended: float) -> str:
    """The page as text."""
    environment = Environment(
        loader=DictLoader({"page.html": (_HERE / "page.html").read_text(encoding="utf-8")}),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    outcomes = [record["outcome"] for record in records]
    return environment.get_template("page.html").render(
        style=(_HERE / "page.css").read_text(encoding="utf-8"),
        features=_grouped(records),
        counts={kind: outcomes.count(kind) for kind in ("passed", "failed", "skipped")},
        total=len(records),
        steps=sum(len(record["steps"]) for record in records),
        not_modelled=sorted({what for record in records for what in record["notModelled"]}),
        seconds=ended - started,
        when=time.strftime("%Y-%m-%d %H:%M", time.localtime(started)),
    )


def _grouped(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Features in the order of their files, scenarios in the order they stand there."""
    features: dict[str, dict[str, Any]] = {}
    for record in sorted(records, key=lambda r: (r["feature"]["file"], r["line"], r["name"])):
        feature = features.setdefault(record["feature"]["file"], {**record["feature"], "scenarios": []})
        feature["scenarios"].append(record)
    for feature in features.values():
        outcomes = {scenario["outcome"] for scenario in feature["scenarios"]}
        feature["outcome"] = next((o for o in ("failed", "passed", "skipped") if o in outcomes), "not run")
        feature["seconds"] = sum(scenario["seconds"] for scenario in feature["scenarios"])
        feature["passed"] = sum(scenario["outcome"] == "passed" for scenario in feature["scenarios"])
    return [*features.values()]
