"""One org: its schema, security, rows, users, sessions and clock, made by a factory and handed to an app.

Nothing here is global: twenty tests can run twenty orgs.
"""

from __future__ import annotations

import hmac
import json
import random
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fakes.kit.database import Database
from fakes.kit.faults import Faults
from fakes.kit.journal import Journal
from fakes.kit.people import people
from fakes.kit.scenario import ScenarioError, empty
from fakes.salesforce import errors, values, wire
from fakes.salesforce.access import SECURITY_SOBJECTS, CannotPermit, NoSuchOwner, Security
from fakes.salesforce.custom_fields import WordsRefused, custom_fields
from fakes.salesforce.errors import LoginRefused, SalesforceError
from fakes.salesforce.formula import FormulaError
from fakes.salesforce.ids import IdSequence
from fakes.salesforce.query import QueryService
from fakes.salesforce.records import Records
from fakes.salesforce.schema import (
    Field,
    NoSuchField,
    NoSuchSObject,
    PicklistValue,
    SObject,
    ValidationRule,
    standard,
    standard_rows,
)
from fakes.salesforce.sessions import Sessions
from fakes.salesforce.store import Store
from fakes.salesforce.validation import Formulas, compile_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from fakes.kit.clock import Clock
    from fakes.kit.scenario import GenerateSpec, SalesforcePart, UserSpec
    from fakes.salesforce.access import Access
    from fakes.salesforce.schema import Schema
    from fakes.salesforce.store import Row

DATABASE = "salesforce.db"
"""The file of an org that is kept, inside the folder of ``--data``."""
CLIENT_ID, CLIENT_SECRET = "syncrig", "syncrig-secret"
DAILY_API_REQUESTS = 100_000
NEWEST_VERSION = 67
OLDEST_VERSION = 21
OLDEST_STRICT_VERSION = 31


@dataclass(frozen=True)
class User:
    """Somebody who logs in: the running user of rules, queries and saves."""

    id: str
    username: str
    profile_id: str
    timezone: str
    locale: str
    language: str
    row: Mapping[str, Any]
    _security: Security

    @property
    def access(self) -> Access:
        """What the user may read and edit now."""
        return self._security.access_of(self.id)


class Usage:
    """How many API calls were made in the last 24 hours, by the hour."""

    def __init__(self, clock: Clock) -> None:
        self.limit = DAILY_API_REQUESTS
        self._clock = clock
        self._hours: dict[int, int] = defaultdict(int)

    def count(self) -> None:
        """One more call."""
        self._hours[int(self._clock.now().timestamp()) // 3600] += 1

    @property
    def used(self) -> int:
        """The calls of the last 24 hours."""
        oldest = int((self._clock.now() - timedelta(hours=24)).timestamp()) // 3600
        for hour in [hour for hour in self._hours if hour <= oldest]:
            del self._hours[hour]
        return sum(self._hours.values())

    def snapshot(self) -> dict[int, int]:
        """The counts, to come back to."""
        return dict(self._hours)

    def restore(self, snapshot: Mapping[int, int]) -> None:
        """Go back to the counts of a snapshot."""
        self._hours = defaultdict(int, snapshot)


@dataclass(frozen=True)
class _State:
    """Everything that belongs to the state of an org."""

    database: Any
    schema: object
    ids: Mapping[str, int]
    sessions: object
    cursors: object
    usage: Mapping[int, int]


class Org:
    """One Salesforce tenant; :meth:`build` makes one from a scenario.

    Implements :class:`fakes.kit.control.Fake`.  ``refs`` and ``generated`` say which ids the scenario's records
    got; ``clients`` are the connected apps that may log in.
    """

    name = "salesforce"

    def __init__(
        self, schema: Schema, database: Database, *, clock: Clock, seed: int = 0, strict: bool = False
    ) -> None:
        self.schema = schema
        self.clock = clock
        self.seed = seed
        self.strict = strict
        self.journal = Journal()
        self.faults = Faults()
        self.ids = IdSequence()
        self.store = Store(database)
        self.store.sync_schema(schema)
        for name in schema.names():
            last = self.store.last_id(schema[name])
            if last is not None:
                self.ids.start_after(last)
        self.clients: dict[str, str] = {CLIENT_ID: CLIENT_SECRET}
        self.refs: dict[str, str] = {}
        self.generated: dict[str, list[str]] = defaultdict(list)
        self.sync_username = ""
        self.admin_username = ""
        self._refresh_tokens: dict[str, str] = {}
        self.usage = Usage(clock)
        organization = next(iter(self.store.where(schema["Organization"], {})), None)
        self.is_new = organization is None
        self.organization_id = self.ids.next("00D") if organization is None else str(organization["Id"])
        self.sessions = Sessions(self.organization_id, clock, random.Random(f"sessions {seed}"))  # noqa: S311
        setup_user = self.ids.next("005") if self.is_new else ""
        self.rows = SetupRows(schema, self.store, self.ids, clock, setup_user)
        self.security = Security(schema, self.rows)
        self.formulas = Formulas(schema, self.store, clock)
        self.records = Records(
            schema=schema,
            store=self.store,
            formulas=self.formulas,
            clock=clock,
            ids=self.ids,
        )
        self.records.saved.append(self._saved)
        self.query = QueryService(
            schema, self.store, clock=clock, new_id=self.ids.next, not_modelled=self.journal.not_modelled
        )
        self._kept_version = -1
        self._users: dict[str, User] = {}
        self._passwords: dict[str, tuple[str, str]] = {}

    @classmethod
    def build(
        cls,
        part: SalesforcePart,
        *,
        clock: Clock,
        seed: int = 0,
        data: Path | None = None,
        strict: bool = False,
    ) -> Org:
        """An org as a scenario describes it; with ``data``, the one that is kept in that folder goes on.

        Raises:
            ScenarioError: the scenario asks for something that cannot be; one line says what.

        """
        if part.org is not None:
            raise ScenarioError(f"salesforce.org: sfdx projects cannot be read yet: leave {part.org} out")
        schema = standard()
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        database = Database(None if data is None else data / DATABASE)
        if data is not None:
            _load_schema(schema, database)
        _lay_fields(schema, part)
        org = cls(schema, database, clock=clock, seed=seed, strict=strict)
        with org.store.database.transaction():
            if org.is_new:
                org._born(part)
            else:
                org._go_on(part)
            org._lay_rules(part)
            if org.is_new:
                org._populate(part)
                org._keep_refs()
        org.refresh_token_of(org.sync_username)  # made now, so that a reset does not take it away
        org.keep_schema()
        return org

    # -- users and logins -----------------------------------------------------------------------------------

    def user(self, username: str) -> User:
        """The user of that name; ``KeyError`` if there is none."""
        rows = self.store.find(self.schema["User"], "Username", username)
        if not rows:
            raise KeyError(username)
        return self._user_of(rows[0])

    def user_by_id(self, user_id: str) -> User:
        """The user of that id; ``KeyError`` if there is none."""
        known = self._users.get(user_id)
        if known is None:
            row = self.store.get(self.schema["User"], user_id)
            if row is None:
                raise KeyError(user_id)
            known = self._user_of(row)
        return known

    @property
    def sync_user(self) -> User:
        """The user as whom the sync logs in."""
        return self.user(self.sync_username)

    @property
    def administrator(self) -> User:
        """The system administrator of the scenario."""
        return self.user(self.admin_username)

    def authenticate(self, username: str, password: str) -> User:
        """The user whose name and password these are; the password may be followed by the security token.

        Raises:
            LoginRefused: no such user, another password, or an inactive user.

        """
        try:
            user = self.user(username)
        except KeyError:
            raise LoginRefused from None
        known, token = self._passwords.get(user.id, ("", ""))
        accepted = (known, known + token)
        if not known or not any(hmac.compare_digest(password.encode(), each.encode()) for each in accepted):
            raise LoginRefused
        if not user.row["IsActive"]:
            raise LoginRefused
        return user

    def set_password(self, user_id: str, password: str, token: str = "") -> None:
        """From now on the user logs in with this password."""
        self._passwords[user_id] = (password, token)

    def refresh_token_of(self, username: str) -> str:
        """A refresh token with which the documented client may come back as this user."""
        user = self.user(username)
        known = self._refresh_tokens.get(username)
        if known is None or self.sessions.refresh(known, CLIENT_ID) is None:
            known = self._refresh_tokens[username] = self.sessions.refresh_token(user.id, CLIENT_ID)
        return known

    def sobject_of(self, record_id: str) -> str:
        """The name of the sobject that a record is of; ``KeyError`` for an id that belongs to none."""
        sobject = self.schema.by_key_prefix(record_id[:3])
        if sobject is None:
            raise KeyError(record_id)
        return sobject.name

    def close(self) -> None:
        """Write what is still to be written and give the database back."""
        self.keep_schema()
        self.store.database.close()

    # -- what the side door and the exchange layer ask ---------------------------------------------------------

    def snapshot(self) -> object:
        """Everything that belongs to the state."""
        return _State(
            self.store.database.image(),
            self.schema.snapshot(),
            self.ids.snapshot(),
            self.sessions.snapshot(),
            self.query.snapshot(),
            self.usage.snapshot(),
        )

    def restore(self, snapshot: object) -> None:
        """Go back to such a state."""
        if not isinstance(snapshot, _State):
            raise TypeError("not a snapshot of an org")
        with self.store.database.lock:
            self.store.database.load(snapshot.database)
            self.schema.restore(snapshot.schema)
            self.store.synced(self.schema)
            self.ids.restore(snapshot.ids)
            self.sessions.restore(snapshot.sessions)
            self.query.restore(snapshot.cursors)
            self.usage.restore(snapshot.usage)
            self.security.changed()
            self._users.clear()

    def refusal(self, code: str) -> tuple[int, str, str]:
        """The REST answer for one of the vendor's codes: status, body, content type."""
        error = errors.usual(code)
        return error.http_status, json.dumps(wire.rest_json(error)), "application/json;charset=UTF-8"

    def idle(self, seconds: float) -> bool:  # noqa: ARG002 - nothing of an org works in the background yet
        """Whether work in the background is done."""
        return True

    def keep_schema(self) -> None:
        """Bring the tables to the schema, and write the schema into the org's file if it has one."""
        self.store.sync_schema(self.schema)
        if self.store.database.path is not None and self._kept_version != self.schema.version:
            _save_schema(self.schema, self.store.database)
            self._kept_version = self.schema.version

    # -- being built ------------------------------------------------------------------------------------------

    def _born(self, part: SalesforcePart) -> None:
        """Everything that a new org has before anybody works in it."""
        specs = part.users or empty().salesforce.users
        with _scenario_errors("field_permissions"):
            self.security.bootstrap(part)
        for name, rows in standard_rows().items():
            self.rows.insert(name, rows)
        self.rows.insert(
            "Organization",
            [
                {
                    "Id": self.organization_id,
                    "Name": "Syncrig",
                    "OrganizationType": "Enterprise Edition",
                    "InstanceName": "CS100",
                    "IsSandbox": 1,
                    "DefaultLocaleSidKey": "en_US",
                    "LanguageLocaleKey": "en_US",
                    "TimeZoneSidKey": "America/Los_Angeles",
                    "FiscalYearStartMonth": 1,
                    "UsesStartDateAsFiscalYearName": 0,
                }
            ],
        )
        for spec in specs:
            self._add_user(spec)

    def _go_on(self, part: SalesforcePart) -> None:
        """An org opened from its file: the scenario's users log in again, new ones are added."""
        self.rows.by = str(self.store.where(self.schema["User"], {})[0]["Id"])
        for row in self.store.database.connection.execute("SELECT name, id FROM _refs").fetchall():
            self.refs[row["name"]] = row["id"]
        for spec in part.users or empty().salesforce.users:
            self._add_user(spec)

    def _add_user(self, spec: UserSpec) -> None:
        try:
            user_id = self.user(spec.username).id
        except KeyError:
            user_id = self._insert_user(spec)
        self.set_password(user_id, spec.password, spec.token)
        if spec.sync_user:
            self.sync_username = spec.username
        elif spec.profile == "System Administrator" and not self.admin_username:
            self.admin_username = spec.username

    def _insert_user(self, spec: UserSpec) -> str:
        local, _, domain = spec.username.partition("@")
        words = [word.capitalize() for word in local.replace(".", " ").replace("_", " ").split()] or ["User"]
        with _scenario_errors("users"):
            row: Row = {
                "Username": spec.username,
                "FirstName": " ".join(words[:-1]) or words[0],
                "LastName": words[-1] if len(words) > 1 else "User",
                "Email": spec.username.lower(),
                "Alias": local[:8],
                "CommunityNickname": local[:40],
                "CompanyName": domain[:80],
                "IsActive": 1,
                "ProfileId": self.security.profile_id(spec.profile),
                "TimeZoneSidKey": "America/Los_Angeles",
                "LocaleSidKey": "en_US",
                "LanguageLocaleKey": "en_US",
                "EmailEncodingKey": "UTF-8",
                "UserType": "Standard",
                "UserPermissionsMarketingUser": 1,
            }
            row["Name"] = f"{row['FirstName']} {row['LastName']}"
            if not self.store.count(self.schema["User"]):
                row["Id"] = self.rows.by
            (user_id,) = self.rows.insert("User", [row])
            self.security.assign(user_id, spec.permission_sets)
        return user_id

    def _lay_rules(self, part: SalesforcePart) -> None:
        for full_name, words in part.validation_rules.items():
            sobject_name, _, name = full_name.partition(".")
            with _scenario_errors(f"validation_rules.{full_name}"):
                sobject = self.schema[sobject_name]
                rule = ValidationRule(
                    sobject.name,
                    name,
                    str(words["formula"]),
                    str(words["message"]),
                    words.get("field"),
                    bool(words.get("active", True)),
                )
                if rule.field is not None and sobject.field(rule.field) is None:
                    raise NoSuchField(sobject.name, rule.field)
                compile_for(self.schema, sobject, "rule", rule.formula)
                self.schema.put_rule(rule)

    def _populate(self, part: SalesforcePart) -> None:
        administrator = self.administrator
        for sobject, rows in part.records.items():
            for index, row in enumerate(rows):
                place = f"records.{sobject}[{index}]"
                body = {name: value for name, value in row.items() if name != "ref"}
                with _scenario_errors(place if "ref" not in row else f"{place} ({row['ref']})"):
                    resolved = self._resolved(sobject, body)
                    record_id = self.records.create(sobject, resolved, by=administrator)
                if "ref" in row:
                    self.refs[str(row["ref"])] = record_id
        for index, spec in enumerate(part.generate):
            with _scenario_errors(f"generate[{index}]"):
                self._generate(spec, index, administrator)

    def _keep_refs(self) -> None:
        """Remember in an org's file which records the scenario's refs became."""
        if self.store.database.path is None:
            return
        connection = self.store.database.connection
        connection.execute("CREATE TABLE _refs (name TEXT PRIMARY KEY, id TEXT NOT NULL)")
        connection.executemany("INSERT INTO _refs VALUES (?, ?)", self.refs.items())

    def _resolved(self, sobject_name: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """A scenario's record with ``@ref`` in its lookups replaced by the id of that record."""
        sobject = self.schema[sobject_name]
        resolved = dict(row)
        for name, value in row.items():
            field = sobject.field(name)
            if field is not None and field.type == "reference" and str(value).startswith("@"):
                ref = str(value)[1:]
                if ref not in self.refs:
                    raise ScenarioError(f"{name}: no record before this one has the ref {ref!r}")
                resolved[name] = self.refs[ref]
        return resolved

    def _generate(self, spec: GenerateSpec, index: int, by: User) -> None:
        made = _PEOPLE_AS.get(spec.sobject)
        if made is None:
            raise ScenarioError(f"people can be made into {', '.join(sorted(_PEOPLE_AS))}, not {spec.sobject!r}")
        accounts: dict[str, str] = {}
        for person in people(self.seed + index, spec.count, spec.locales):
            row = {name: person[source] for name, source in made.items()}
            if spec.sobject == "Contact":
                company = person["Company"]
                if company not in accounts:
                    accounts[company] = self.records.create("Account", {"Name": company}, by=by)
                row["AccountId"] = accounts[company]
            self.generated[spec.sobject].append(self.records.create(spec.sobject, row, by=by))

    def _user_of(self, row: Mapping[str, Any]) -> User:
        user = self._users[str(row["Id"])] = User(
            id=str(row["Id"]),
            username=str(row["Username"]),
            profile_id=str(row["ProfileId"]),
            timezone=str(row["TimeZoneSidKey"]),
            locale=str(row["LocaleSidKey"]),
            language=str(row["LanguageLocaleKey"]),
            row=dict(row),
            _security=self.security,
        )
        return user

    def _saved(self, sobject: str, record_id: str) -> None:
        if sobject == "User":
            self._users.pop(record_id, None)
            self.security.changed()
        elif sobject in SECURITY_SOBJECTS:
            self.security.changed()


class SetupRows:
    """How security writes its records: past every permission and rule, with ids and system fields.

    ``by`` is who counts as their creator.
    """

    def __init__(self, schema: Schema, store: Store, ids: IdSequence, clock: Clock, by: str) -> None:
        self.by = by
        self._schema = schema
        self._store = store
        self._ids = ids
        self._clock = clock

    def read(self, sobject: str, where: Mapping[str, Sequence[str]]) -> Iterable[Mapping[str, Any]]:
        """Rows that are not deleted and have, for each key, one of its values."""
        return self._store.where(self._schema[sobject], where)

    def insert(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Store new rows and answer their ids in order."""
        described = self._schema[sobject]
        now = values.stamp(self._clock.now())
        system = {
            "CreatedDate": now,
            "CreatedById": self.by,
            "LastModifiedDate": now,
            "LastModifiedById": self.by,
            "SystemModstamp": now,
        }
        made = []
        with self._store.database.transaction():
            for row in rows:
                record_id = row.get("Id") or self._ids.next(described.key_prefix or "000")
                self._store.insert(described, {**system, **row, "Id": record_id})
                made.append(str(record_id))
        return made

    def update(self, sobject: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Change one row."""
        described = self._schema[sobject]
        now = values.stamp(self._clock.now())
        moved = {name: now for name in ("LastModifiedDate", "SystemModstamp") if name in described.fields}
        self._store.update(described, record_id, {**changes, **moved})

    def remove(self, sobject: str, record_ids: Sequence[str]) -> None:
        """Delete rows for good."""
        self._store.remove(self._schema[sobject], record_ids)


_PEOPLE_AS: dict[str, dict[str, str]] = {
    "Lead": {
        name: name
        for name in (
            "FirstName", "LastName", "Company", "Title", "Email", "Phone", "Street", "City", "PostalCode",
            "Country", "Website",
        )
    },
    "Contact": {
        **{name: name for name in ("FirstName", "LastName", "Title", "Email", "Phone")},
        **{f"Mailing{name}": name for name in ("Street", "City", "PostalCode", "Country")},
    },
    "Account": {
        "Name": "Company",
        "Phone": "Phone",
        "Website": "Website",
        **{f"Billing{name}": name for name in ("Street", "City", "PostalCode", "Country")},
    },
}  # fmt: skip


@contextmanager
def _scenario_errors(place: str) -> Iterator[None]:
    """Words everything that can be wrong with a scenario as one line that names the place."""
    try:
        yield
    except ScenarioError as problem:
        raise ScenarioError(f"salesforce.{place}: {problem}") from None
    except SalesforceError as refused:
        told = "; ".join(f"{each.code}: {each.message}" for each in refused.errors)
        raise ScenarioError(f"salesforce.{place}: {told}") from None
    except FormulaError as problem:
        where = f"line {problem.line}, column {problem.column}"
        raise ScenarioError(f"salesforce.{place}: formula, {where}: {problem.message}") from None
    except (NoSuchSObject, NoSuchField, NoSuchOwner, CannotPermit, WordsRefused, ValueError) as problem:
        raise ScenarioError(f"salesforce.{place}: {problem}") from None


def _lay_fields(schema: Schema, part: SalesforcePart) -> None:
    """Put a scenario's custom fields into the schema; formulas are compiled when all of them are there."""
    for full_name, words in part.fields.items():
        with _scenario_errors(f"fields.{full_name}"):
            for made in custom_fields(schema, full_name, words):
                schema.put_field(full_name.partition(".")[0], made)
    for full_name in part.fields:
        sobject_name, _, name = full_name.partition(".")
        with _scenario_errors(f"fields.{full_name}"):
            sobject = schema[sobject_name]
            made_field = sobject.field(name)
            if made_field is None:
                continue
            if made_field.formula is not None:
                compile_for(schema, sobject, "field", made_field.formula, made_field)
            if made_field.default_value_formula is not None:
                compile_for(schema, sobject, "default", made_field.default_value_formula, made_field)


# -- the schema of an org that is kept in a file ----------------------------------------------------------------


def _save_schema(schema: Schema, database: Database) -> None:
    """Write every sobject that is not a standard one as nobody has touched it."""
    untouched = standard()
    with database.transaction() as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS _schema (name TEXT PRIMARY KEY, json TEXT NOT NULL)")
        connection.execute("DELETE FROM _schema")
        connection.executemany(
            "INSERT INTO _schema VALUES (?, ?)",
            [
                (name, json.dumps(asdict(schema[name]), default=dict))
                for name in schema.names()
                if schema[name] is not untouched.get(name)
            ],
        )


def _load_schema(schema: Schema, database: Database) -> None:
    connection = database.connection
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_schema'").fetchone():
        return
    for row in connection.execute("SELECT json FROM _schema").fetchall():
        kept = json.loads(row["json"])
        kept["fields"] = {name: _field_of(made) for name, made in kept["fields"].items()}
        kept["validation_rules"] = {name: ValidationRule(**rule) for name, rule in kept["validation_rules"].items()}
        kept["supported_scopes"] = tuple(tuple(scope) for scope in kept["supported_scopes"])
        schema.put(SObject(**kept))


def _field_of(kept: dict[str, Any]) -> Field:
    kept["picklist_values"] = tuple(PicklistValue(**entry) for entry in kept["picklist_values"])
    kept["reference_to"] = tuple(kept["reference_to"])
    return Field(**kept)
