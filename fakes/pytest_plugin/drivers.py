"""What steps and tests say to the two systems and their clock, over HTTP only.

A driver speaks the vendor's own API, as an administrator in Salesforce and as an ordinary API user in Marketo, and the
side door where a person would have used the set-up pages. It knows addresses, never a fake's objects, so the same call
works in this process, over sockets, and (without the side door) at a real sandbox.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .words import marketo_name, salesforce_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import requests

API_VERSION = "v62.0"
PERSON_SOBJECTS = ("Contact", "Lead")
FLOW_SECONDS = 30.0
"""A flow step may take as long as the fake gives the engine to answer (design of the flow action call)."""

_NUMBERS = {"int", "double", "currency", "percent", "integer", "float", "score"}
_ERROR_TEXT = re.compile(r"\{(?P<code>[A-Z_]+): (?P<message>.*)\}", re.DOTALL)


class Refused(AssertionError):
    """A system did not do what a step asked of it; the message is the system's own answer."""

    def __init__(self, what: str, errors: Sequence[Mapping[str, Any]]) -> None:
        self.errors = [dict(error) for error in errors]
        said = "; ".join(f"{e.get('errorCode') or e.get('code')}: {e.get('message')}" for e in self.errors)
        super().__init__(f"{what} was refused: {said or 'no reason given'}")


class NobodyThere(AssertionError):
    """No record, or more than one, where a step means exactly one person."""


@dataclass(frozen=True)
class Record:
    """One record of Salesforce."""

    sobject: str
    id: str


@dataclass(frozen=True)
class Refusal:
    """A refusal that a person's activity log tells of."""

    text: str
    code: str
    message: str
    fields: tuple[str, ...] = ()


class SideDoor:
    """The ``/_fake/`` calls of one fake."""

    def __init__(self, url: str, session: requests.Session) -> None:
        self.url = url
        self.session = session

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str) -> dict[str, Any]:
        """The answer of one call.

        Raises:
            Refused: the side door does not do it.
        """
        answer = self.session.request(method, f"{self.url}/_fake/{path}", json=body, params=query, timeout=90)
        said: Any = answer.json() if answer.content else {}
        if not answer.ok:
            raise Refused(f"{method} /_fake/{path}", said.get("errors") or [{"message": answer.text}])
        return dict(said)

    def requests(self, **filters: str) -> list[dict[str, Any]]:
        """The exchanges of the journal, oldest first."""
        return list(self.call("GET", "requests", None, **filters)["requests"])

    def forget_requests(self) -> None:
        """Empty the journal."""
        self.call("DELETE", "requests")

    def not_modelled(self) -> list[dict[str, Any]]:
        """The ledger: what was asked for and is not modelled."""
        return list(self.call("GET", "not-modelled")["notModelled"])

    def order_fault(self, match: Mapping[str, Any], do: Mapping[str, Any], times: int = 1) -> None:
        """Let calls to come fail, or take their time."""
        self.call("POST", "faults", {"match": match, "do": do, "times": times})

    def faults_to_come(self) -> int:
        """How many ordered faults have not hit a call yet."""
        return len(self.call("GET", "faults")["faults"])


class Clock:
    """The time of both systems and the engine."""

    def __init__(self, door: SideDoor) -> None:
        self.door = door

    def now(self) -> str:
        """The time, ISO 8601."""
        return str(self.door.call("GET", "clock")["now"])

    def waiting(self) -> list[dict[str, str]]:
        """Who sleeps, and until when."""
        return list(self.door.call("GET", "clock")["waiting"])

    def advance(self, duration: str, *, settle: bool = True) -> None:
        """Let time pass, an ISO 8601 duration; whoever falls due meanwhile has done its work when this returns."""
        self.door.call("POST", "clock", {"advance": duration, **({"settle": FLOW_SECONDS} if settle else {})})

    def settle(self) -> None:
        """Wait until flow steps and everybody who was woken are done."""
        self.door.call("POST", "clock", {"settle": FLOW_SECONDS})


class Salesforce:
    """The fake Salesforce (or a sandbox), as its administrator."""

    def __init__(
        self, url: str, session: requests.Session, *, username: str, password: str, client: tuple[str, str]
    ) -> None:
        self.url = url
        self.session = session
        self.door = SideDoor(url, session)
        self.mentioned: dict[str, None] = {}
        self._login = {"username": username, "password": password, "client_id": client[0], "client_secret": client[1]}
        self._token: str | None = None
        self._types: dict[str, dict[str, str]] = {}

    # --- records

    def query(self, soql: str) -> list[dict[str, Any]]:
        """Every record of a query, without ``attributes``."""
        answer = self._call("GET", "query", params={"q": soql})
        rows = list(answer["records"])
        while not answer["done"]:
            answer = self._call("GET", str(answer["nextRecordsUrl"]).partition(f"{API_VERSION}/")[2])
            rows += answer["records"]
        return [{name: value for name, value in row.items() if name != "attributes"} for row in rows]

    def create(self, sobject: str, values: Mapping[str, Any]) -> Record:
        """A new record; names are the words of a feature, values are typed by describe."""
        named = {salesforce_name(word, sobject): value for word, value in values.items()}
        body = {name: self._typed(sobject, name, value) for name, value in named.items()}
        answer = self._call("POST", f"sobjects/{sobject}", json=body)
        if email := named.get("Email"):
            self.mentioned[str(email)] = None
        return Record(sobject, str(answer["id"]))

    def update(self, record: Record, values: Mapping[str, Any]) -> None:
        """Change some fields of a record."""
        named = {salesforce_name(word, record.sobject): value for word, value in values.items()}
        body = {name: self._typed(record.sobject, name, value) for name, value in named.items()}
        self._call("PATCH", f"sobjects/{record.sobject}/{record.id}", json=body)

    def delete(self, record: Record) -> None:
        """Move a record to the recycle bin."""
        self._call("DELETE", f"sobjects/{record.sobject}/{record.id}")

    def read(self, record: Record, word: str) -> str:
        """One field, as a feature writes it: "" for blank, true and false, numbers without needless zeros."""
        return shown(self.raw(record, word))

    def raw(self, record: Record, word: str) -> Any:
        """One field as JSON has it."""
        name = salesforce_name(word, record.sobject)
        rows = self.query(f"SELECT {name} FROM {record.sobject} WHERE Id = '{record.id}'")  # noqa: S608  SOQL
        if not rows:
            raise NobodyThere(f"Salesforce has no {record.sobject} {record.id}")
        return rows[0][name]

    def whole(self, record: Record) -> dict[str, Any]:
        """Every field of a record that an administrator sees."""
        return self._call("GET", f"sobjects/{record.sobject}/{record.id}")

    # --- people

    def records(self, email: str, sobject: str | None = None) -> list[Record]:
        """The Contacts and unconverted Leads with this address, oldest first."""
        self.mentioned[email] = None
        found = []
        for kind in (sobject,) if sobject else PERSON_SOBJECTS:
            more = " AND IsConverted = false" if kind == "Lead" else ""
            where = f"Email = '{_quoted(email)}'{more}"
            rows = self.query(f"SELECT Id FROM {kind} WHERE {where} ORDER BY CreatedDate, Id")  # noqa: S608  SOQL
            found += [Record(kind, row["Id"]) for row in rows]
        return found

    def person(self, email: str) -> Record:
        """The one record with this address.

        Raises:
            NobodyThere: there is none, or there are several.
        """
        found = self.records(email)
        if len(found) != 1:
            raise NobodyThere(
                f"Salesforce has {len(found)} records for {email}: {[f'{r.sobject} {r.id}' for r in found]}"
            )
        return found[0]

    def set_field(self, email: str, word: str, value: str | None) -> None:
        """Change one field of a person."""
        self.update(self.person(email), {word: value})

    def value(self, email: str, word: str) -> str:
        """One field of a person, as a feature writes it."""
        return self.read(self.person(email), word)

    # --- set-up

    def set_access(self, field: str, access: str) -> None:
        """Hide a field from the integration user, or let it read, or edit; ``field`` is ``Lead.Phone``."""
        self.door.call("PUT", f"field-permissions/{field}", {"access": access})

    def add_rule(self, name: str, formula: str, message: str, field: str | None = None) -> None:
        """A validation rule, ``Lead.Phone_If_Hot``, active from now on."""
        body = {"formula": formula, "message": message, **({"field": field} if field else {})}
        self.door.call("PUT", f"validation-rules/{name}", body)

    def remove_rule(self, name: str) -> None:
        """Delete a validation rule."""
        self.door.call("DELETE", f"validation-rules/{name}")

    def add_field(self, name: str, words: Mapping[str, Any]) -> None:
        """A custom field, ``Lead.Region__c``, in the words of sfdx."""
        self.door.call("PUT", f"fields/{name}", words)
        self._types.pop(name.partition(".")[0], None)

    # --- HTTP

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        url = f"{self.url}/services/data/{API_VERSION}/{path}"
        for again in (True, False):
            headers = {"Authorization": f"Bearer {self._session_token()}"}
            answer = self.session.request(method, url, headers=headers, timeout=60, **arguments)
            if answer.status_code != 401 or not again:
                break
            self._token = None
        if not answer.ok:
            said = answer.json() if "json" in answer.headers.get("Content-Type", "") else [{"message": answer.text}]
            raise Refused(f"{method} {path}", said if isinstance(said, list) else [said])
        return dict(answer.json()) if answer.content else {}

    def _session_token(self) -> str:
        if self._token is None:
            form = {"grant_type": "password", **self._login}
            answer = self.session.post(f"{self.url}/services/oauth2/token", data=form, timeout=60)
            if not answer.ok:
                raise Refused(f"the login of {self._login['username']}", [{"message": answer.text}])
            self._token = str(answer.json()["access_token"])
        return self._token

    def _typed(self, sobject: str, name: str, value: Any) -> Any:
        if sobject not in self._types:
            fields = self._call("GET", f"sobjects/{sobject}/describe")["fields"]
            self._types[sobject] = {field["name"].lower(): field["type"] for field in fields}
        return typed(self._types[sobject].get(name.lower(), "string"), value)


class Marketo:
    """The fake Marketo (or an instance), as an ordinary API user."""

    def __init__(self, url: str, session: requests.Session, *, client: tuple[str, str], since: str) -> None:
        self.url = url
        self.session = session
        self.door = SideDoor(url, session)
        self.mentioned: dict[str, None] = {}
        self._client = client
        self._since = since
        self._token: str | None = None
        self._activity_types: dict[int, dict[str, Any]] = {}

    # --- persons

    def persons(self, email: str, fields: Iterable[str] = ()) -> list[dict[str, Any]]:
        """Every person with this address, lowest id first, with the fields asked for (REST names)."""
        self.mentioned[email] = None
        return self._find("email", [email], fields)

    def person(self, email: str, fields: Iterable[str] = ()) -> dict[str, Any]:
        """The one person with this address.

        Raises:
            NobodyThere: there is none, or there are several.
        """
        found = self.persons(email, fields)
        if len(found) != 1:
            raise NobodyThere(f"Marketo has {len(found)} persons for {email}: {[p['id'] for p in found]}")
        return found[0]

    def create(self, values: Mapping[str, Any]) -> int:
        """A new person, also where one has the address already; its id."""
        row = self._row(values)
        if email := row.get("email"):
            self.mentioned[str(email)] = None
        return self._sync_lead("createDuplicate", row)

    def update(self, lead_id: int, values: Mapping[str, Any]) -> None:
        """Change some fields of a person."""
        self._sync_lead("updateOnly", {"id": lead_id, **self._row(values)}, lookupField="id")

    def delete(self, lead_id: int) -> None:
        """Delete a person."""
        self._results("POST", "leads/delete.json", json={"input": [{"id": lead_id}]})

    def set_field(self, email: str, word: str, value: str | None) -> None:
        """Change one field of a person."""
        self.update(self.person(email)["id"], {word: value})

    def value(self, email: str, word: str) -> str:
        """One field of a person, as a feature writes it."""
        name = marketo_name(word)
        found = self.person(email, [name])
        if name not in found:
            raise NobodyThere(f"Marketo has no field {name}")
        return shown(found[name])

    def fields(self) -> dict[str, dict[str, Any]]:
        """Describe: the person's fields by REST name."""
        answer = self._results("GET", "leads/describe.json")
        return {field["rest"]["name"]: field for field in answer if "rest" in field}

    def salesforce_side(self, email: str) -> dict[str, str]:
        """What the person knows of its Salesforce record: ``type``, ``id``, ``deleted`` ("" where it knows nothing).

        Under the native sync these are Marketo's own fields, under an external engine its custom fields.
        """
        known = self.fields()
        return self._salesforce_side(email, "syncrigSfdc" if "syncrigSfdcType" in known else "sfdc", known)

    def _salesforce_side(self, email: str, prefix: str, known: Mapping[str, Any]) -> dict[str, str]:
        names = {key: f"{prefix}{key[0].upper()}{key[1:]}" for key in ("type", "id", "isDeleted")}
        wanted = [name for name in names.values() if name in known]
        found = self.person(email, wanted)
        return {key: shown(found.get(name)) for key, name in names.items()}

    # --- activities

    def activities(self, email: str, name: str | None = None) -> list[dict[str, Any]]:
        """The person's activity log since the scenario began, oldest first, each with its type's ``name``."""
        lead_id = self.person(email)["id"]
        return self.activities_of(lead_id, name)

    def activities_of(self, lead_id: int, name: str | None = None) -> list[dict[str, Any]]:
        """The activity log of one person by id."""
        types = self._types()
        if name is not None:
            wanted = [number for number, kind in types.items() if kind["name"] == name]
            if not wanted:
                raise NobodyThere(f"Marketo has no activity type {name!r}")
        else:
            wanted = sorted(types)
        found: list[dict[str, Any]] = []
        for start in range(0, len(wanted), 10):  # Get Lead Activities takes at most ten types
            found += self._activity_pages(lead_id, wanted[start : start + 10])
        for entry in found:
            entry["name"] = types[entry["activityTypeId"]]["name"]
            entry["attributes"] = {a["name"]: a["value"] for a in entry.get("attributes", [])}
        return sorted(found, key=lambda entry: (entry["activityDate"], _number(entry.get("id"))))

    def refusals(self, email: str) -> list[Refusal]:
        """What the person's activity log says that Salesforce refused."""
        found = []
        for entry in self.activities(email):
            attributes = entry["attributes"]
            text = attributes.get("Error")
            if entry["name"] == "Salesforce Sync Error":
                text = entry.get("primaryAttributeValue")
            if not text:
                continue
            said = _ERROR_TEXT.search(str(text))
            fields = tuple(part.strip() for part in str(attributes.get("Fields") or "").split(",") if part.strip())
            code, message = (said["code"], said["message"]) if said else ("", str(text))
            found.append(Refusal(str(text), code, message, fields))
        return found

    # --- campaigns

    def add_campaign(self, name: str, flow: Sequence[Mapping[str, Any]]) -> None:
        """A smart campaign that can be requested."""
        self.door.call("POST", "campaigns", {"name": name, "flow": list(flow)})

    def request_campaign(self, name: str, lead_ids: Sequence[int]) -> None:
        """Send persons through a campaign, found by its name, as an integration does."""
        found = [c for c in self._results("GET", "campaigns.json", params={"name": name}) if c["name"] == name]
        if not found:
            raise NobodyThere(f"Marketo has no campaign {name!r}")
        body = {"input": {"leads": [{"id": lead_id} for lead_id in lead_ids]}}
        self._results("POST", f"campaigns/{found[0]['id']}/trigger.json", json=body)

    def connect_engine(self, url: str | None, secret: str | None) -> None:
        """Tell Marketo who runs its Salesforce flow steps; None: nobody."""
        self.door.call("PUT", "engine", {"url": url, "secret": secret})

    # --- HTTP

    def _find(self, filter_type: str, values: Sequence[str], fields: Iterable[str]) -> list[dict[str, Any]]:
        wanted = list(dict.fromkeys(["id", "email", *fields]))
        params = {"filterType": filter_type, "filterValues": ",".join(values), "fields": ",".join(wanted)}
        return sorted(self._results("GET", "leads.json", params=params), key=lambda person: person["id"])

    def _row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {marketo_name(word): (None if value == "" else value) for word, value in values.items()}

    def _sync_lead(self, action: str, row: Mapping[str, Any], **more: str) -> int:
        [result] = self._results("POST", "leads.json", json={"action": action, **more, "input": [row]})
        if result.get("status") not in {"created", "updated"}:
            raise Refused(f"{action} of a person", result.get("reasons", []))
        return int(result["id"])

    def _activity_pages(self, lead_id: int, types: Sequence[int]) -> list[dict[str, Any]]:
        token = self._call("GET", "activities/pagingtoken.json", params={"sinceDatetime": self._since})["nextPageToken"]
        found: list[dict[str, Any]] = []
        more = True
        while more:
            params = {
                "nextPageToken": token,
                "activityTypeIds": ",".join(map(str, types)),
                "leadIds": str(lead_id),
            }
            answer = self._call("GET", "activities.json", params=params)
            found += answer.get("result", [])
            token, more = answer["nextPageToken"], answer["moreResult"]
        return found

    def _types(self) -> dict[int, dict[str, Any]]:
        self._activity_types = {kind["id"]: kind for kind in self._results("GET", "activities/types.json")}
        return self._activity_types

    def _results(self, method: str, path: str, **arguments: Any) -> list[dict[str, Any]]:
        return list(self._call(method, path, **arguments).get("result", []))

    def _call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        answer = {}
        for again in (True, False):
            headers = {"Authorization": f"Bearer {self._access_token()}"}
            said = self.session.request(method, f"{self.url}/rest/v1/{path}", headers=headers, timeout=60, **arguments)
            answer = json.loads(said.text)
            codes = {str(error.get("code")) for error in answer.get("errors", [])}
            if not (again and codes & {"601", "602"}):  # the token ended, by the clock or by a reset
                break
            self._token = None
        if not answer.get("success", True):
            raise Refused(f"{method} {path}", answer.get("errors", []))
        return dict(answer)

    def _access_token(self) -> str:
        if self._token is None:
            query = {"grant_type": "client_credentials", "client_id": self._client[0], "client_secret": self._client[1]}
            answer = self.session.get(f"{self.url}/identity/oauth/token", params=query, timeout=60)
            self._token = str(answer.json()["access_token"])
        return self._token


def wait_until(said: str, holds: Any, seconds: float = 10.0) -> None:
    """Wait in real time until something that another thread or process does has happened.

    Raises:
        NobodyThere: it did not happen in time.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise NobodyThere(f"{said} did not happen within {seconds:g} seconds")
        time.sleep(0.005)


def typed(kind: str, value: Any) -> Any:
    """A feature's text as JSON wants it for a field of this type; what does not fit goes as it stands."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        return value
    if kind == "boolean" and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind in _NUMBERS:
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    return value


def shown(value: Any) -> str:
    """A value of JSON as a feature writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        return 0
