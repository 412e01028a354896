"""Options, fixtures and hooks; each forwards to the module that knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from . import collect
from .report.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from .cycles import Cycles
    from .drivers import Clock, Marketo, Salesforce
    from .scene import Scene
    from .targets import Site, Target, Wishes

SITE = pytest.StashKey["Site"]()
"""On a test's node: the site it runs at, for the report of a failure."""

_ONLY = {"native-only": "native", "external-only": "external"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of the plugin; ``--help`` shows them under their own heading."""
    group = parser.getgroup("syncrig", "syncrig: a fake Salesforce, a fake Marketo and the sync between them")
    group.addoption(
        "--syncrig-target",
        default="inprocess",
        metavar="inprocess|sockets|ENV_FILE",
        help="where scenarios run: apps in this process (default), `fakes up` and the engine as processes of their "
        "own, or a `fakes up` that runs already, named by its env file",
    )
    group.addoption("--syncrig-scenario", metavar="NAME", help="the world that scenarios start in: a name or a path")
    group.addoption(
        "--syncrig-crm-sync",
        metavar="native|external|none",
        help="whose sync the instance has; over the scenario's word",
    )
    group.addoption(
        "--syncrig-strict", action="store_true", help="what the fakes do not model fails the scenario that asked for it"
    )
    group.addoption(
        "--syncrig-steps-check", action="store_true", help="check every step of the feature files and run nothing"
    )
    group.addoption("--syncrig-report", metavar="DIR", help="write an HTML report to DIR/index.html")
    parser.addini("syncrig_features", "collect .feature files directly", type="bool", default=True)
    parser.addini("syncrig_scenario", "the default of --syncrig-scenario", default="")
    parser.addini("syncrig_crm_sync", "the default of --syncrig-crm-sync", default="")


def pytest_configure(config: pytest.Config) -> None:
    """Set up what the options ask for."""
    for mark, crm_sync in _ONLY.items():
        config.addinivalue_line("markers", f"{mark}: runs only with crm_sync {crm_sync}")
    config.pluginmanager.register(Recorder(config), "syncrig-recorder")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A .feature file is a test file."""
    if file_path.suffix == ".feature" and parent.config.getini("syncrig_features"):
        return collect.FeatureFile.from_parent(parent, path=file_path)
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A scenario that speaks of one kind of sync is skipped under the other, with a word why."""
    here = wishes(config).crm_sync or "native"
    for item in items:
        for mark, crm_sync in _ONLY.items():
            if crm_sync != here and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=f"runs with crm_sync {crm_sync}, not {here}"))


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """With --syncrig-steps-check the run ends here: collection has looked at every step."""
    if session.config.getoption("syncrig_steps_check") and not session.testsfailed:
        return True
    return None


def wishes(config: pytest.Config) -> Wishes:
    """What options and settings say about the worlds."""
    from .targets import Wishes  # noqa: PLC0415  the fakes' libraries load when a scenario first needs them

    return Wishes(
        target=config.getoption("syncrig_target"),
        scenario=config.getoption("syncrig_scenario") or config.getini("syncrig_scenario") or None,
        crm_sync=config.getoption("syncrig_crm_sync") or config.getini("syncrig_crm_sync") or None,
        strict=bool(config.getoption("syncrig_strict")),
    )


@pytest.fixture(scope="session")
def syncrig_target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Where this run's scenarios run."""
    from .engines import EngineMissing  # noqa: PLC0415
    from .targets import TargetError, open_target  # noqa: PLC0415

    try:
        target = open_target(wishes(request.config), lambda: tmp_path_factory.mktemp("syncrig"))
    except (TargetError, EngineMissing) as problem:
        pytest.exit(str(problem), returncode=2)
    yield target
    target.close()


@pytest.fixture
def syncrig_site(request: pytest.FixtureRequest, syncrig_target: Target) -> Iterator[Site]:
    """Both systems and the engine of this scenario; nothing of an earlier one is left."""
    from .targets import TargetError  # noqa: PLC0415

    try:
        site = syncrig_target.site()
    except TargetError as problem:
        pytest.exit(str(problem), returncode=2)
    request.node.stash[SITE] = site
    yield site
    site.close()


@pytest.fixture
def salesforce(syncrig_site: Site) -> Salesforce:
    """The fake Salesforce, as its administrator."""
    return syncrig_site.salesforce


@pytest.fixture
def marketo(syncrig_site: Site) -> Marketo:
    """The fake Marketo, as an ordinary API user."""
    return syncrig_site.marketo


@pytest.fixture
def clock(syncrig_site: Site) -> Clock:
    """The time of both systems and the engine; it stands still until it is moved."""
    return syncrig_site.clock


@pytest.fixture
def run_sync_cycle(syncrig_site: Site) -> Callable[[], dict[str, Any]]:
    """How to run one sync cycle: the installed engine's, unless the project under test overrides this fixture.

    It answers the object of ``syncengine run --json``, or None when the engine tells nothing.
    """
    return syncrig_site.engine.run_once


@pytest.fixture
def push_person(syncrig_site: Site) -> Callable[[int], Any]:
    """How to run *Sync Person to SFDC* by hand for a Marketo lead id; to be overridden like run_sync_cycle."""
    return syncrig_site.engine.push


@pytest.fixture
def cycles(syncrig_site: Site, run_sync_cycle: Callable[[], dict[str, Any]]) -> Cycles:
    """The sync cycles of this scenario, with what each wrote."""
    from .cycles import Cycles  # noqa: PLC0415

    return Cycles(syncrig_site, run_sync_cycle)


@pytest.fixture
def report() -> dict[str, Any]:
    """What the latest sync cycle reported; the step that runs one puts its own in this place."""
    pytest.fail("no sync cycle has run in this scenario yet: say `When a sync cycle runs` first", pytrace=False)


@pytest.hookimpl(optionalhook=True)
def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> Generator[None] | None:
    """With --syncrig-strict a scenario fails that asked for what the fakes do not model."""
    import sys  # noqa: PLC0415

    site = request.node.stash.get(SITE, None)
    if site is None:
        return None
    asked = site.not_modelled()
    request.node.stash[collect.NOT_MODELLED] = asked
    if asked and request.config.getoption("syncrig_strict") and sys.exc_info()[0] is None:
        pytest.fail(f"not modelled, and --syncrig-strict is set: {'; '.join(asked)}", pytrace=False)
    return None


@pytest.fixture
def scene(salesforce: Salesforce, marketo: Marketo, cycles: Cycles) -> Scene:
    """Puts people into one system or both."""
    from .scene import Scene  # noqa: PLC0415

    return Scene(salesforce, marketo, cycles)
