"""Records what each scenario did, step by step; with pytest-xdist the records travel with the test reports."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakes.pytest_plugin import collect

from .evidence import gather

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_bdd.parser import Scenario, Step

RECORD = pytest.StashKey[dict[str, Any]]()
"""On a scenario's item: its record, as JSON."""

_MARKS = {"passed": "✓", "failed": "✗", "skipped": "-"}
_COLOURS = {"passed": "green", "failed": "red", "skipped": "yellow"}


class Recorder:
    """Hooks that watch scenarios run; registered for each pytest run."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.records: dict[str, dict[str, Any]] = {}
        self.started = time.time()
        self._step_started = 0.0
        self._heading = ""
        self._dots = False

    # --- while a scenario runs

    @pytest.hookimpl(optionalhook=True)
    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, scenario: Scenario) -> None:
        """Begin the scenario's record; every step counts as not run until it is."""
        request.node.stash[RECORD] = new_record(scenario, self.config.rootpath, _row(request.node))

    @pytest.hookimpl(optionalhook=True)
    def pytest_bdd_before_step(self) -> None:
        """Start the step's clock."""
        self._step_started = time.perf_counter()

    @pytest.hookimpl(optionalhook=True)
    def pytest_bdd_after_step(self, request: pytest.FixtureRequest) -> None:
        """The step went through."""
        self._finish(request, "passed")

    @pytest.hookimpl(optionalhook=True)
    def pytest_bdd_step_error(self, request: pytest.FixtureRequest) -> None:
        """The step failed: keep both sides as they are now, before the world goes away."""
        self._finish(request, "failed")
        from fakes.pytest_plugin.plugin import SITE  # noqa: PLC0415  plugin imports this module

        if (site := request.node.stash.get(SITE, None)) is not None:
            request.node.stash[RECORD]["evidence"] = gather(site)

    def _finish(self, request: pytest.FixtureRequest, outcome: str) -> None:
        for step in request.node.stash[RECORD]["steps"]:
            if step["outcome"] == "not run":
                step["outcome"] = outcome
                step["seconds"] = round(time.perf_counter() - self._step_started, 4)
                return

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the record along with the test's report."""
        scenario = collect.scenario_of(item)
        shortened = call.excinfo is not None and not isinstance(call.excinfo.value, pytest.skip.Exception)
        if scenario is not None and call.excinfo and shortened and not self.config.getoption("fulltrace"):
            # What is left of the traceback is the step and what it called, not how it came to be called.
            ours = call.excinfo.traceback.filter(lambda entry: not _of_the_frame(entry.path))
            call.excinfo.traceback = ours or call.excinfo.traceback
        report = yield
        if scenario is not None:
            record = item.stash.get(RECORD, None) or new_record(scenario, self.config.rootpath, _row(item))
            record["notModelled"] = item.stash.get(collect.NOT_MODELLED, [])
            report.syncrig = record  # type: ignore[attr-defined]
            if report.failed and report.when == "call":
                report.sections.insert(0, ("Scenario", _as_text(record)))
        return report

    # --- in the process that reports

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the record, and say a line about it."""
        record = getattr(report, "syncrig", None)
        if record is None or hasattr(self.config, "workerinput"):
            self._dots, self._heading = True, ""
            return
        if report.when == "call" or not report.passed:
            told = report.nodeid in self.records and report.when == "teardown"
            kept = self.records.get(report.nodeid, record) if told else record
            kept["outcome"] = "failed" if told else report.outcome
            kept["error"] = "\n".join(filter(None, [kept.get("error"), report.longreprtext if report.failed else ""]))
            kept["reason"] = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
            kept["seconds"] = round(report.duration, 4)
            self.records[report.nodeid] = kept
            self._tell(report, kept)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A scenario has its own line, so pytest's letter for it is left out."""
        if not hasattr(report, "syncrig") or not self._lines() or report.outcome not in _MARKS:
            return None
        if report.when != "call" and report.passed:
            return "", "", ""
        if report.when == "teardown" or hasattr(report, "wasxfail"):
            return None
        return report.outcome, "", ""

    def _tell(self, report: pytest.TestReport, record: dict[str, Any]) -> None:
        reporter: Any = self.config.pluginmanager.getplugin("terminalreporter")
        if reporter is None or not self._lines():
            return
        feature, several = record["feature"]["name"], hasattr(report, "node")
        if reporter.showfspath:  # pytest has named the file and stands at the end of that line
            reporter.write("\n")
        elif several and self._dots:
            reporter.write("\n")
            self._dots = False
        elif self._heading != feature and not several:
            reporter.write(f"\n{feature}\n" if self._dots or not self._heading else f"{feature}\n")
            self._heading, self._dots = feature, False
        seconds = f" ({record['seconds']:.2f} s)" if report.when == "call" else f" ({report.when})"
        reporter.write("  ")
        reporter.write(_MARKS.get(record["outcome"], "?"), **{_COLOURS.get(record["outcome"], "white"): True})
        reporter.write(f" {feature}: {record['name']}" if several else f" {record['name']}")
        reporter.write(seconds, light=True)
        if not reporter.showfspath:
            reporter.write("\n")

    def _lines(self) -> bool:
        """Whether scenarios have lines: pytest's own are longer with -v, and with -qq nobody wants any."""
        return -1 <= int(self.config.get_verbosity(pytest.Config.VERBOSITY_TEST_CASES)) <= 0

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Where the report is, what was not modelled, what a check of the steps saw."""
        checked = self.config.stash.get(collect.CHECKED, None)
        if self.config.getoption("syncrig_steps_check") and checked is not None:
            terminalreporter.write_line(
                f"steps check: {checked.features} features, {checked.scenarios} scenarios, {checked.steps} steps; "
                "every step that was collected is known"
            )
        asked = sorted({what for record in self.records.values() for what in record["notModelled"]})
        if asked:
            terminalreporter.write_line(f"not modelled, and asked for: {'; '.join(asked)}")
        folder = self.config.getoption("syncrig_report")
        if folder and not hasattr(self.config, "workerinput"):
            from . import page  # noqa: PLC0415  its template engine is loaded only for a report

            written = page.write(folder, [*self.records.values()], self.started)
            terminalreporter.write_line(f"report: {written}")


def new_record(scenario: Scenario, root: Path, row: str = "") -> dict[str, Any]:
    """A scenario before it runs; ``row`` tells the rows of an outline apart."""
    feature = scenario.feature
    return {
        "feature": {
            "name": feature.name,
            "description": feature.description.strip(),
            "file": collect.relative(feature.filename, root),
        },
        "rule": scenario.rule.name if scenario.rule else "",
        "name": f"{scenario.name} [{row}]" if row else scenario.name,
        "description": (scenario.description or "").strip(),
        "line": scenario.line_number,
        "tags": sorted(scenario.tags | feature.tags | (scenario.rule.tags if scenario.rule else set())),
        "steps": [_step(step) for step in scenario.steps],
        "outcome": "not run",
        "seconds": 0.0,
        "error": "",
        "reason": "",
        "notModelled": [],
        "evidence": None,
    }


def _row(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.id) if callspec else ""


def _step(step: Step) -> dict[str, Any]:
    return {
        "keyword": step.keyword.strip(),
        "text": step.name,
        "line": step.line_number,
        "table": [[str(cell) for cell in row] for row in step.datatable.raw()] if step.datatable else [],
        "block": step.docstring or "",
        "outcome": "not run",
        "seconds": 0.0,
    }


def _of_the_frame(path: Path | str) -> bool:
    return bool({"_pytest", "pytest_bdd", "pluggy"} & set(Path(path).parts))


def _as_text(record: dict[str, Any]) -> str:
    lines = [f"{record['feature']['file']}:{record['line']}  {record['name']}"]
    signs = {"passed": "✓", "failed": "✗", "not run": " "}
    lines += [f"  {signs[step['outcome']]} {step['keyword']} {step['text']}" for step in record["steps"]]
    return "\n".join(lines)
