"""The settings: variables of the environment, and a file for what is not secret; checked whole.

Everything wrong is said at once, and after :meth:`Settings.load` nobody checks again. No file is needed: with the
variables alone the sync does what Marketo's own does. Where both say something, the environment wins.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .clients.marketo import MarketoSettings
from .clients.salesforce import SalesforceSettings
from .clients.transport import is_loopback
from .errors import SyncError
from .policy import PRESETS, Rule
from .settings import SyncSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEFAULT_FILE = "syncengine.toml"
DEFAULT_STATE = "sqlite:///.syncrig/state.db"

VARIABLES: Mapping[str, tuple[str, str]] = {
    "SF_URL": ("salesforce", "url"),
    "SF_USERNAME": ("salesforce", "username"),
    "SF_PASSWORD": ("salesforce", "password"),
    "SF_TOKEN": ("salesforce", "token"),
    "SF_CLIENT_ID": ("salesforce", "client_id"),
    "SF_CLIENT_SECRET": ("salesforce", "client_secret"),
    "SF_REFRESH_TOKEN": ("salesforce", "refresh_token"),
    "SF_CA_CERT": ("salesforce", "ca_cert"),
    "MKTO_URL": ("marketo", "url"),
    "MKTO_CLIENT_ID": ("marketo", "client_id"),
    "MKTO_CLIENT_SECRET": ("marketo", "client_secret"),
    "MKTO_CONNECTOR_ID": ("marketo", "connector_id"),
    "MKTO_CONNECTOR_SECRET": ("marketo", "connector_secret"),
    "SYNCRIG_ENGINE_SECRET": ("engine", "secret"),
    "SYNCRIG_CLOCK_URL": ("engine", "clock_url"),
}
"""Every variable that the engine reads, and the setting of the file that it overrules."""

_TABLES: Mapping[str, tuple[str, ...]] = {
    "salesforce": (*(name for table, name in VARIABLES.values() if table == "salesforce"), "api_version"),
    "marketo": tuple(name for table, name in VARIABLES.values() if table == "marketo"),
    "engine": tuple(name for table, name in VARIABLES.values() if table == "engine"),
}
_SYNC = {"map" if each.name == "field_map" else each.name: each.name for each in fields(SyncSettings)}
"""The file's word for a setting of the sync, and its name there."""

_NAMED_RULES = tuple(rule.value for rule in Rule)
_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?|"
    r"(?P<amount>\d+)\s*(?P<unit>[smhd])"
)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class ConfigError(SyncError):
    """Settings that cannot be used; ``problems`` lists all that is wrong with them, a line each."""

    exit_code = 2

    def __init__(self, source: str, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, checked."""

    salesforce: SalesforceSettings
    marketo: MarketoSettings
    sync: SyncSettings
    engine_secret: str = field(default="", repr=False)
    clock_url: str | None = None

    @property
    def native(self) -> bool:
        """Whether we are the native sync itself, because we hold the credentials of its connector."""
        return self.marketo.connector

    @classmethod
    def load(cls, path: Path | None, environ: Mapping[str, str]) -> Settings:
        """The settings of a file, and of the environment, which beats it.

        Args:
            path: the file; None means ``syncengine.toml`` here, if there is one.
            environ: variables, such as ``os.environ``.

        Raises:
            ConfigError: with everything that is wrong.
        """
        source, raw = _read(path)
        return cls.of(raw, environ, source=source)

    @classmethod
    def sync_only(cls, path: Path | None) -> SyncSettings:
        """Only how to sync, from the file; nobody has to say where the systems are.

        Raises:
            ConfigError: with everything that is wrong.
        """
        source, raw = _read(path)
        problems = list(_unknown(raw))
        values = _sync(_hoisted(raw), problems)
        if problems:
            raise ConfigError(source, problems)
        return SyncSettings(**values)

    @classmethod
    def of(cls, raw: Mapping[str, Any], environ: Mapping[str, str], *, source: str = "settings") -> Settings:
        """The settings of such a mapping as the file holds, and of the environment.

        Raises:
            ConfigError: with everything that is wrong.
        """
        problems = list(_unknown(raw))
        raw = _hoisted(raw)
        values = _merged(raw, environ, problems)
        problems += _missing(values, environ)
        problems += _malformed(values)
        sync = _sync(raw, problems)
        if problems:
            raise ConfigError(source, problems)
        return cls(
            salesforce=_salesforce(values["salesforce"]),
            marketo=_marketo(values["marketo"], values["salesforce"]),
            sync=SyncSettings(**sync),
            engine_secret=values["engine"].get("secret", ""),
            clock_url=_clock_url(values["engine"].get("clock_url")),
        )


def read_env_file(path: Path) -> dict[str, str]:
    """The variables of a file with one ``NAME=value`` a line, as a shell would read it.

    Raises:
        ConfigError: it cannot be read, or lines of it are something else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError(str(path), [f"cannot be read: {why}"]) from error
    variables: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        try:
            words = shlex.split(line, comments=True)
        except ValueError as error:
            problems.append(f"line {number}: {str(error).lower()}")
            continue
        if words[:1] == ["export"]:
            words = words[1:]
        if not words:
            continue
        name, equals, value = words[0].partition("=")
        if len(words) > 1 or not equals or not name.isidentifier():
            problems.append(f"line {number}: not NAME=value (a value with blanks needs quotes)")
            continue
        variables[name] = value
    if problems:
        raise ConfigError(str(path), problems)
    return variables


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for a name close to a known one, else nothing."""
    close = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else ""


def parse_duration(text: object) -> timedelta:
    """A length of time: ISO 8601 (``PT5M``), a number with a unit (``5m``), or a number of seconds.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(text, int) and not isinstance(text, bool):
        return timedelta(seconds=text)
    match = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    parts = {name: int(part) for name, part in match.groupdict().items() if part and name != "unit"} if match else {}
    if match is None or not parts:
        raise ValueError(f"{text!r} is no length of time, such as PT5M or 5m")
    if match["unit"]:
        return timedelta(**{_UNITS[match["unit"]]: parts["amount"]})
    return timedelta(**parts)


def _read(path: Path | None) -> tuple[str, dict[str, Any]]:
    """The file's name, and what it says; no file named and none here says nothing."""
    if path is None:
        path = Path(DEFAULT_FILE)
        if not path.is_file():
            return "settings", {}
    try:
        return str(path), tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(path), [f"cannot be read: {error.strerror}"]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"is not TOML: {error}"]) from error


def _unknown(raw: Mapping[str, Any]) -> Iterator[str]:
    known = [*_SYNC, "sync", *_TABLES]
    for name, value in raw.items():
        if name not in known:
            yield f"{name}: unknown setting{nearest(name, known)}"
        elif name == "sync" or name in _TABLES:
            if not isinstance(value, Mapping):
                yield f"{name}: a table is wanted, [{name}]"
                continue
            within = _TABLES.get(name, tuple(_SYNC))
            for key in value:
                if key not in within:
                    yield f"{name}.{key}: unknown setting{nearest(key, within)}"
                elif name == "sync" and key in raw:
                    yield f"{key}: said twice, here and in [sync]"


def _hoisted(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Settings of the sync stand at the top, or in a table ``[sync]`` as in a scenario file; both are meant alike."""
    table = raw.get("sync")
    return {**raw, **table} if isinstance(table, Mapping) else raw


def _merged(raw: Mapping[str, Any], environ: Mapping[str, str], problems: list[str]) -> dict[str, dict[str, str]]:
    """The three tables as texts, the environment laid over the file; an empty variable counts as unset."""
    values: dict[str, dict[str, str]] = {table: {} for table in _TABLES}
    for table in _TABLES:
        given = raw.get(table, {})
        for key, value in given.items() if isinstance(given, Mapping) else ():
            if isinstance(value, str):
                values[table][key] = value
            else:
                problems.append(f"{table}.{key}: a text is wanted, not {value!r}")
    for variable, (table, key) in VARIABLES.items():
        if environ.get(variable):
            values[table][key] = environ[variable]
    return values


def _missing(values: Mapping[str, Mapping[str, str]], environ: Mapping[str, str]) -> Iterator[str]:
    salesforce, marketo = values["salesforce"], values["marketo"]
    connector = bool(marketo.get("connector_id") or marketo.get("connector_secret"))
    if not any(values[table].get("url") for table in ("salesforce", "marketo")):
        yield "nobody says where the systems are: set SF_URL, MKTO_URL and what goes with them, or give --env-file"
    wanted = ["SF_URL", "SF_CLIENT_ID", "MKTO_URL"]
    alone = salesforce.get("client_secret") and not salesforce.get("username")  # the client's own run-as user
    if not salesforce.get("refresh_token") and not alone:
        wanted += ["SF_USERNAME", "SF_PASSWORD"]
    wanted += ["MKTO_CONNECTOR_ID", "MKTO_CONNECTOR_SECRET"] if connector else ["MKTO_CLIENT_ID", "MKTO_CLIENT_SECRET"]
    for variable in wanted:
        table, key = VARIABLES[variable]
        if not values[table].get(key):
            strangers = [name for name in environ if name not in VARIABLES]
            close = get_close_matches(variable, strangers, n=1, cutoff=0.8)
            yield f"{variable}: required" + (f"; did you mean it by {close[0]}?" if close else "")


def _malformed(values: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for variable in ("SF_URL", "MKTO_URL", "SYNCRIG_CLOCK_URL"):
        table, key = VARIABLES[variable]
        if not (url := values[table].get(key)):
            continue
        address = urlsplit(url)
        if address.scheme not in {"http", "https"} or not address.hostname:
            yield f"{variable}: {url!r} is no address that begins with https://"
        elif address.scheme == "http" and not is_loopback(url):
            yield f"{variable}: http would carry secrets in clear to {address.hostname}; use https"
    ca_cert = values["salesforce"].get("ca_cert")
    if ca_cert and not Path(ca_cert).is_file():
        yield f"SF_CA_CERT: there is no file {ca_cert}"
    version = values["salesforce"].get("api_version", "63.0")
    if not re.fullmatch(r"\d+\.0", version):
        yield f"salesforce.api_version: {version!r} is no version such as 63.0"


def _sync(raw: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """The settings of the sync by their names there."""
    values: dict[str, Any] = {}
    for word, name in _SYNC.items():
        if word not in raw:
            continue
        try:
            values[name] = _READ[name](raw[word])
        except ValueError as error:
            problems.append(f"{word}: {error}")
    return values


def _preset(value: Any) -> str:
    if value not in PRESETS:
        raise ValueError(f"{value!r} is no policy{nearest(str(value), PRESETS)} ({', '.join(PRESETS)})")
    return str(value)


def _rules(value: Any) -> dict[str, str]:
    rules = _flat(value)
    for place, rule in rules.items():
        if rule not in _NAMED_RULES:
            raise ValueError(f"{place}: {rule!r} is no rule{nearest(rule, _NAMED_RULES)} ({', '.join(_NAMED_RULES)})")
    return rules


def _map(value: Any) -> dict[str, str]:
    pairs = _flat(value)
    for place in pairs:
        if place.count(".") != 1:
            raise ValueError(f"{place!r} is no field such as Lead.Region__c")
    return pairs


def _flat(value: Any, prefix: str = "") -> dict[str, str]:
    """``Lead.Phone = "x"`` in TOML is a table in a table unless it is quoted; both are meant alike."""
    if not isinstance(value, Mapping):
        raise ValueError(f"a table is wanted, not {value!r}")  # noqa: TRY004  every problem is a ValueError here
    pairs: dict[str, str] = {}
    for key, each in value.items():
        if isinstance(each, Mapping):
            pairs |= _flat(each, f"{prefix}{key}.")
        elif isinstance(each, str):
            pairs[f"{prefix}{key}"] = each
        else:
            raise ValueError(f"{prefix}{key}: a text is wanted, not {each!r}")  # noqa: TRY004  as above
    return pairs


def _objects(value: Any) -> tuple[str, ...]:
    known = SyncSettings().objects
    if not isinstance(value, list | tuple) or not value:
        raise ValueError(f"a list is wanted, such as {list(known)}")
    for each in value:
        if each not in known:
            raise ValueError(f"{each!r} is not synced{nearest(str(each), known)} ({', '.join(known)})")
    return tuple(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a text is wanted, not {value!r}")
    return value


class _Between:
    """Reads a number within limits; the limits are the vendors'."""

    def __init__(self, least: float, most: float, why: str) -> None:
        self.least, self.most, self.why = least, most, why

    def __call__(self, value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.least <= value <= self.most:
            raise ValueError(f"between {self.least} and {self.most}{self.why}, not {value!r}")
        return value


_READ: Mapping[str, Any] = {
    "policy": _preset,
    "rules": _rules,
    "objects": _objects,
    "field_map": _map,
    "pause": parse_duration,
    "overlap": parse_duration,
    "salesforce_batch": _Between(1, 200, ", the most Salesforce takes in one call"),
    "marketo_batch": _Between(1, 300, ", the most Marketo takes in one call"),
    "page_size": _Between(200, 2000, ", as Salesforce has it"),
    "default_last_name": _text,
    "default_company": _text,
    "set_aside_after": _Between(1, 1000, ""),
    "marketo_id_field": _text,
    "lease_time": parse_duration,
    "lease_wait": parse_duration,
    "large_deletion": _Between(0, 1, ", a share of all links"),
}


def _salesforce(values: Mapping[str, str]) -> SalesforceSettings:
    texts = {key: value for key, value in values.items() if key != "ca_cert"}
    texts["url"] = texts["url"].rstrip("/")
    return SalesforceSettings(ca_cert=_path(values), **texts)


def _marketo(values: Mapping[str, str], salesforce: Mapping[str, str]) -> MarketoSettings:
    """The connector's credentials when there are any, else the ordinary ones.

    Marketo shows its address with ``/rest`` at its end; we add that ourselves. The authority in SF_CA_CERT is that of
    both fakes, and no reason to mistrust everybody else's.
    """
    connector = bool(values.get("connector_id"))
    kind = "connector" if connector else "client"
    url = values["url"].rstrip("/").removesuffix("/rest").removesuffix("/identity")
    return MarketoSettings(
        url=url,
        client_id=values[f"{kind}_id"],
        client_secret=values[f"{kind}_secret"],
        connector=connector,
        ca_cert=_path(salesforce) if is_loopback(url) else None,
    )


def _path(values: Mapping[str, str]) -> Path | None:
    return Path(values["ca_cert"]) if values.get("ca_cert") else None


def _clock_url(url: str | None) -> str | None:
    if not url:
        return None
    url = url.rstrip("/")
    return url if url.endswith("/_fake/clock") else f"{url}/_fake/clock"
