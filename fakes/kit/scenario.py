"""Scenarios: worlds as data. Reads ``scenario.yaml``; each fake takes its own part of the result.

A name is looked for as a path, then under ``./scenarios``, then among those that came with the package.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from jsonschema import Draft202012Validator

from .clock import ClockRefused, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from jsonschema.exceptions import ValidationError

SYNC_PROFILE = "Marketo Sync"
ADMINISTRATOR = "System Administrator"


class ScenarioError(Exception):
    """The scenario cannot be loaded: one line that names file, line and remedy."""


@dataclass(frozen=True)
class UserSpec:
    """A Salesforce user as a scenario names one."""

    username: str
    password: str = "syncrig"  # noqa: S105  the documented default of a fake
    profile: str = ADMINISTRATOR
    permission_sets: tuple[str, ...] = ()
    sync_user: bool = False
    token: str = ""


@dataclass(frozen=True)
class GenerateSpec:
    """So many generated people."""

    sobject: str
    count: int
    locales: tuple[str, ...] = ("en_US",)


@dataclass(frozen=True)
class SalesforcePart:
    """What the fake Salesforce takes from a scenario."""

    org: Path | None = None
    users: list[UserSpec] = field(default_factory=list)
    field_permissions: dict[str, dict[str, str]] = field(default_factory=dict)
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    validation_rules: dict[str, dict[str, Any]] = field(default_factory=dict)
    records: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    generate: list[GenerateSpec] = field(default_factory=list)

    @property
    def sync_user(self) -> UserSpec:
        """The user whose credentials the sync holds."""
        return next(user for user in self.users if user.sync_user)

    @property
    def administrator(self) -> UserSpec:
        """The system administrator that tests act as."""
        return next(user for user in self.users if user.profile == ADMINISTRATOR and not user.sync_user)


@dataclass(frozen=True)
class MarketoPart:
    """What the fake Marketo takes from a scenario."""

    crm_sync: str = "native"
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    persons: list[dict[str, Any]] = field(default_factory=list)
    campaigns: list[dict[str, Any]] = field(default_factory=list)
    generate: list[GenerateSpec] = field(default_factory=list)


@dataclass(frozen=True)
class Scenario:
    """A world as data; ``links`` pairs a Salesforce ref with a Marketo ref."""

    name: str
    path: Path | None = None
    description: str = ""
    now: datetime | None = None
    seed: int = 0
    salesforce: SalesforcePart = field(default_factory=SalesforcePart)
    marketo: MarketoPart = field(default_factory=MarketoPart)
    links: list[tuple[str, str]] = field(default_factory=list)
    sync: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict, repr=False)
    """Line of each place in the file, by its words: ``salesforce.records.Lead[0]``."""

    def located(self, problem: ScenarioError) -> ScenarioError:
        """A problem that names a place of this scenario in its first words, with file and line put before them."""
        message = str(problem)
        places = [place for place in self.lines if place and message.startswith(place)]
        if self.path is None or not places:
            return problem
        return ScenarioError(f"{self.path}:{self.lines[max(places, key=len)]}: {message}")


def empty(crm_sync: str = "native", seed: int = 0, sync_profile: str = SYNC_PROFILE) -> Scenario:
    """The world without a scenario: the documented users and clients, and nobody in it."""
    part = SalesforcePart(users=_with_standard_users([], sync_profile))
    return Scenario("empty", seed=seed, salesforce=part, marketo=MarketoPart(crm_sync=crm_sync))


def load(name_or_path: str, *, sync_profile: str = SYNC_PROFILE) -> Scenario:
    """The scenario of that name or path.

    Raises:
        ScenarioError: it is not there, is not YAML, or says something that a scenario cannot say.
    """
    path = find(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ScenarioError(f"{path}: cannot be read: {problem}") from None
    return parse(text, path, sync_profile=sync_profile)


def find(name_or_path: str) -> Path:
    """Where the scenario of that name lies.

    Raises:
        ScenarioError: nowhere; the message lists the names that are there.
    """
    given = Path(name_or_path)
    for place in (given, Path("scenarios") / name_or_path, _packaged() / name_or_path):
        if place.is_file():
            return place
        if (place / "scenario.yaml").is_file():
            return place / "scenario.yaml"
    for place in (Path("scenarios"), _packaged()):
        if (place / f"{name_or_path}.yaml").is_file():
            return place / f"{name_or_path}.yaml"
    there = ", ".join(names()) or "none"
    raise ScenarioError(f"{name_or_path}: no such scenario, as a path or by name; names here: {there}")


def names() -> list[str]:
    """The names of the scenarios under ``./scenarios`` and of those that came with the package."""
    return sorted(
        {
            entry.stem if entry.is_file() else entry.name
            for place in (Path("scenarios"), _packaged())
            if place.is_dir()
            for entry in place.iterdir()
            if entry.suffix == ".yaml" or (entry / "scenario.yaml").is_file()
        }
    )


def parse(text: str, path: Path | None = None, *, sync_profile: str = SYNC_PROFILE) -> Scenario:
    """The scenario that a YAML text says.

    Raises:
        ScenarioError: see :func:`load`.
    """
    where = str(path or "scenario")
    try:
        tree = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else 1
        raise ScenarioError(f"{where}:{line}: not YAML: {problem.problem}") from None
    except yaml.YAMLError as problem:
        raise ScenarioError(f"{where}: not YAML: {' '.join(str(problem).split())}") from None
    lines: dict[tuple[str | int, ...], int] = {}
    raw = _plain(tree, (), lines, where) if tree is not None else {}
    if not isinstance(raw, dict):
        raise ScenarioError(
            f"{where}:1: a scenario is a mapping of description, now, seed, salesforce, marketo, links, sync"
        )
    problems = list(_validator().iter_errors(raw))
    if problems:
        # A misspelt key also makes a needed one missing, and is the better thing to say.
        raise ScenarioError(
            _worded(min(problems, key=lambda p: (p.validator == "required", _line(p, lines))), lines, where)
        )
    return _built(raw, path, lines, where, sync_profile)


def _packaged() -> Path:
    """The scenarios inside the wheel; in a checkout they lie at its root."""
    inside = Path(str(resources.files("fakes"))) / "scenarios"
    return inside if inside.is_dir() else Path(str(resources.files("fakes"))).parent / "scenarios"


@cache
def _validator() -> Draft202012Validator:
    schema = resources.files("fakes.kit").joinpath("scenario.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(schema))


def _plain(node: yaml.Node, at: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], where: str) -> Any:
    """A YAML node as plain data; remembers the line of each value and key."""
    lines.setdefault(at, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in result:
                raise ScenarioError(f"{where}:{line}: {key!r} stands twice")
            lines[(*at, key)] = line
            result[key] = _plain(value_node, (*at, key), lines, where)
        return result
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, index), lines, where) for index, item in enumerate(node.value)]
    if node.tag in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:str"}:
        return node.value  # dates stay text: each fake reads them by its own field type
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    except (yaml.YAMLError, ValueError):
        line = node.start_mark.line + 1
        raise ScenarioError(f"{where}:{line}: {node.value!r} is not a value that a scenario can hold") from None
    finally:
        loader.dispose()


def _line(problem: ValidationError, lines: dict[tuple[str | int, ...], int]) -> int:
    at = tuple(problem.absolute_path)
    if problem.validator == "additionalProperties" and (unknown := _unknown(problem)):
        at = (*at, unknown[0])
    elif (
        problem.validator in {"pattern", "type"}
        and isinstance(problem.instance, str)
        and (*at, problem.instance) in lines
    ):
        at = (*at, problem.instance)
    while at and at not in lines:
        at = at[:-1]
    return lines.get(at, 1)


def _unknown(problem: ValidationError) -> list[str]:
    schema: Any = problem.schema
    instance: Any = problem.instance
    return [key for key in instance if key not in schema.get("properties", {})]


def _worded(problem: ValidationError, lines: dict[tuple[str | int, ...], int], where: str) -> str:
    start = f"{where}:{_line(problem, lines)}: "
    place = ".".join(str(part) for part in problem.absolute_path)
    inside = f" in {place}" if place else ""
    schema: Any = problem.schema
    wanted: Any = problem.validator_value
    if problem.validator == "additionalProperties":
        key = _unknown(problem)[0]
        known = sorted(schema["properties"])
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        return f"{start}unknown key {key!r}{inside}; {hint}"
    if problem.validator == "required":
        instance: Any = problem.instance
        missing = next(name for name in wanted if name not in instance)
        return f"{start}{place or 'the scenario'} needs {missing!r}"
    if problem.validator == "enum":
        return f"{start}{place} is {problem.instance!r}; it can be {', '.join(map(str, wanted))}"
    if problem.validator == "pattern":
        what = "an address such as sync@acme.test" if wanted == "@" else "SOBJECT.NAME, such as Lead.Phone"
        return f"{start}{problem.instance!r}{inside} is not {what}"
    if problem.validator == "type":
        return f"{start}{place or 'the scenario'} must be a {_kind(wanted)}, not {json.dumps(problem.instance)[:60]}"
    return f"{start}{place}: {problem.message}"


def _kind(types: str | Sequence[str]) -> str:
    words = {
        "object": "mapping",
        "array": "list",
        "string": "text",
        "integer": "whole number",
        "boolean": "true or false",
    }
    kinds = [types] if isinstance(types, str) else types
    return " or ".join(words.get(kind, kind) for kind in kinds)


def _built(
    raw: dict[str, Any],
    path: Path | None,
    lines: dict[tuple[str | int, ...], int],
    where: str,
    sync_profile: str,
) -> Scenario:
    salesforce, marketo = raw.get("salesforce", {}), raw.get("marketo", {})
    try:
        now = parse_time(raw["now"]) if "now" in raw else None
    except ClockRefused as refused:
        raise ScenarioError(f"{where}:{lines['now',]}: now: {refused}") from None
    org = salesforce.get("org")
    if org is not None:
        org = (path.parent if path else Path()) / org
        if not org.is_dir():
            raise ScenarioError(f"{where}:{lines['salesforce', 'org']}: salesforce.org: no such folder: {org}")
    users = [
        UserSpec(**{**user, "permission_sets": tuple(user.get("permission_sets", ()))})
        for user in salesforce.get("users", [])
    ]
    if sum(user.sync_user for user in users) > 1:
        raise ScenarioError(f"{where}:{lines['salesforce', 'users']}: only one user can be the sync_user")
    return Scenario(
        name=path.parent.name if path and path.name == "scenario.yaml" else path.stem if path else "scenario",
        path=path,
        description=raw.get("description", ""),
        now=now,
        seed=raw.get("seed", 0),
        salesforce=SalesforcePart(
            org=org,
            users=_with_standard_users(users, sync_profile),
            generate=[_generate(spec, "Lead") for spec in salesforce.get("generate", [])],
            **{
                key: salesforce[key]
                for key in ("field_permissions", "fields", "validation_rules", "records")
                if key in salesforce
            },
        ),
        marketo=MarketoPart(
            crm_sync=marketo.get("crm_sync", "native"),
            generate=[_generate(spec, "Person") for spec in marketo.get("generate", [])],
            **{key: marketo[key] for key in ("fields", "persons", "campaigns") if key in marketo},
        ),
        links=list(_links(raw, lines, where)),
        sync=raw.get("sync", {}),
        lines={_place(at): line for at, line in lines.items()},
    )


def _place(at: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")


def _generate(spec: dict[str, Any], sobject: str) -> GenerateSpec:
    return GenerateSpec(
        sobject=spec.get("sobject", sobject),
        count=spec["count"],
        locales=tuple(spec.get("locales", ("en_US",))),
    )


def _links(raw: dict[str, Any], lines: dict[tuple[str | int, ...], int], where: str) -> Iterator[tuple[str, str]]:
    here = {r["ref"] for rows in raw.get("salesforce", {}).get("records", {}).values() for r in rows if "ref" in r}
    there = {p["ref"] for p in raw.get("marketo", {}).get("persons", []) if "ref" in p}
    for index, (salesforce, marketo) in enumerate(raw.get("links", [])):
        for ref, known, side in ((salesforce, here, "Salesforce record"), (marketo, there, "Marketo person")):
            if ref not in known:
                line = lines.get(("links", index), 1)
                near = difflib.get_close_matches(ref, sorted(known), n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ScenarioError(f"{where}:{line}: no {side} has the ref {ref!r}{hint}")
        yield salesforce, marketo


def _with_standard_users(users: list[UserSpec], sync_profile: str) -> list[UserSpec]:
    """The users, and the documented ones for those that are missing: a sync user, an administrator."""
    users = list(users)
    if not any(user.sync_user for user in users):
        users.append(UserSpec("sync@syncrig.test", profile=sync_profile, sync_user=True))
    if not any(user.profile == ADMINISTRATOR and not user.sync_user for user in users):
        users.append(UserSpec("admin@syncrig.test"))
    return users
