"""Salesforce as the sync user sees it, over simple-salesforce and its requests session.

The token is taken here, at ``SF_URL/services/oauth2/token``: simple-salesforce's own login insists on the
vendor's login hosts. Sources: REST API Developer Guide and "Authorize Apps with OAuth" in Salesforce Help.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar
from urllib.parse import quote

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.format import quote_soql_value

from .dates import salesforce_datetime
from .errors import ClientError, Fatal, RecordRefused, Retry, Unanswered
from .transport import Backoff, Interrupted, TokenRefused, Transport, new_session, speak_plainly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import requests

Row = TypeVar("Row")
SoqlValue: TypeAlias = str | float | bool | date | Decimal | None

COLLECTION = 200
"""Records in one call of the collections resource ("sObject Collections")."""

RETRIEVED = 2000
"""Ids in one POST to the collections resource that reads."""

_ROW_CODES = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "JSON_PARSER_ERROR", "MALFORMED_ID"})
"""Refusals of a whole collections call that are one row's fault."""

_FATAL_CODES = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "FUNCTIONALITY_NOT_ENABLED",
        "INVALID_AUTH_HEADER",
        "METHOD_NOT_ALLOWED",
        "UNSUPPORTED_API_VERSION",
    }
)

_NO_COLUMN = re.compile(r"No such column '([^']+)'")


@dataclass(frozen=True, slots=True)
class SalesforceSettings:
    """Where an org is and who we are there."""

    url: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    refresh_token: str = field(default="", repr=False)
    ca_cert: Path | None = None
    api_version: str = "63.0"


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    """One field as the sync user may know it; ``type`` is the describe's word, such as ``picklist``."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    custom: bool = False
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    calculated: bool = False
    external_id: bool = False
    unique: bool = False
    picklist_values: tuple[str, ...] = ()
    """Active values only."""
    restricted: bool = False
    defaulted_on_create: bool = False
    reference_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SObjectDescribe:
    """One sobject with the fields that the sync user sees: a hidden field is not there at all."""

    name: str
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldDescribe]


@dataclass(frozen=True, slots=True)
class SaveError:
    """One reason why Salesforce did not save a record, in its own words."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What became of one row of a write. ``created`` is None for a delete and for a refused row."""

    id: str | None
    success: bool
    created: bool | None = None
    errors: tuple[SaveError, ...] = ()


class SaveRefused(RecordRefused):
    """Everything that Salesforce found wrong with one request; ``code`` and ``message`` are the first's."""

    def __init__(self, errors: Sequence[SaveError]) -> None:
        super().__init__(errors[0].code, errors[0].message, errors[0].fields)
        self.errors = tuple(errors)


class SalesforceClient:
    """One org. ``calls`` counts API requests, as the org's own limit does: asking for a token is free."""

    def __init__(
        self,
        settings: SalesforceSettings,
        *,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        backoff: Backoff | None = None,
    ) -> None:
        self.settings = settings
        self.transport = Transport(
            new_session(settings.url, ca_cert=settings.ca_cert) if session is None else session,
            system="Salesforce",
            sleep=sleep,
            backoff=backoff,
        )
        speak_plainly(self.transport.session, settings.url)
        self._salesforce: Salesforce | None = None
        self._user_id = ""
        self._describes: dict[str, SObjectDescribe] = {}

    @property
    def calls(self) -> int:
        """API requests sent so far, repeated ones too."""
        return self.transport.calls

    @property
    def user_id(self) -> str:
        """Id of the user that we are: the last part of the identity address in the token's answer."""
        if not self._user_id:
            self._login()
        return self._user_id

    def now(self) -> datetime:
        """Salesforce's clock as its latest answer told it; it is asked if there has been none."""
        if self.transport.date is None:
            self.transport.quietly("asking Salesforce for the time", self._ask_versions)
        if self.transport.date is None:
            raise Fatal("Salesforce's answers carry no Date, so nobody can know its time")
        return self.transport.date

    def describe(self, sobject: str) -> SObjectDescribe:
        """The sobject as the sync user sees it; asked once, until :meth:`forget_describes`.

        Raises:
            RecordRefused: NOT_FOUND, when there is no such sobject or the sync user may not see it.
        """
        if sobject not in self._describes:
            answer = self._rest(f"describing {sobject}", "GET", f"sobjects/{quote(sobject)}/describe")
            self._describes[sobject] = _sobject(answer)
        return self._describes[sobject]

    def forget_describes(self) -> None:
        """Ask again next time: fields and permissions may have changed."""
        self._describes.clear()

    def query(self, soql: str, *, include_deleted: bool = False) -> Iterator[dict[str, Any]]:
        """The records, page by page, as REST shapes them: ``attributes``, parents nested.

        Args:
            soql: values belong into it through :func:`soql_literal`.
            include_deleted: also what lies in the recycle bin (resource ``queryAll``).

        Raises:
            RecordRefused: the query is refused, INVALID_FIELD for a field that the sync user does not see.
        """

        def first(salesforce: Salesforce, options: dict[str, Any]) -> Any:
            return salesforce.query(soql, include_deleted=include_deleted, **options)

        page = self._answer("querying", first)
        yield from page["records"]
        while not page["done"]:
            locator = page["nextRecordsUrl"]

            def further(salesforce: Salesforce, options: dict[str, Any], locator: str = locator) -> Any:
                return salesforce.query_more(locator, identifier_is_url=True, **options)

            page = self._answer("querying further", further)
            yield from page["records"]

    def retrieve(self, sobject: str, ids: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any] | None]:
        """The records in the order of their ids; None where one is deleted or the sync user cannot see it."""
        found: list[dict[str, Any] | None] = []
        for batch in _batches(ids, RETRIEVED):
            body = {"ids": list(batch), "fields": list(fields)}
            answer = self._rest(f"reading {sobject}", "POST", f"composite/sobjects/{quote(sobject)}", body=body)
            found += _as_many(answer, batch)
        return found

    def create(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> list[SaveResult]:
        """What became of each row, in order; each is created or refused on its own.

        Raises:
            Unanswered: some may have been created. It is not tried again here: find them by their key first.
        """
        return self._save(sobject, rows, method="POST", path="composite/sobjects", created=True)

    def update(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> list[SaveResult]:
        """What became of each row, in order; each names its record by ``Id``."""
        return self._save(sobject, rows, method="PATCH", path="composite/sobjects", created=False)

    def upsert(self, sobject: str, external_id_field: str, rows: Sequence[Mapping[str, Any]]) -> list[SaveResult]:
        """What became of each row, in order; created where no record has its value of the external id field.

        After a lost answer the rows are sent again, which finds the records: then ``created`` is False.
        """
        path = f"composite/sobjects/{quote(sobject)}/{quote(external_id_field)}"
        return self._save(sobject, rows, method="PATCH", path=path, created=None)

    def create_one(self, sobject: str, row: Mapping[str, Any], *, assignment: str | None = None) -> SaveResult:
        """What became of one new record.

        Args:
            sobject: its type.
            row: its values.
            assignment: ``auto`` lets the active assignment rule choose the owner, an id names the rule,
                None uses none.

        Raises:
            Unanswered: it may have been created.

        Source: REST API Developer Guide, "Assignment Rule Header".
        """
        auto = {"auto": "TRUE", None: "FALSE"}.get(assignment, str(assignment))
        try:
            answer = self._rest(
                f"creating a {sobject}",
                "POST",
                f"sobjects/{quote(sobject)}",
                body=dict(row),
                headers={"Sforce-Auto-Assign": auto},
                repeatable=False,
                writes=True,
            )
        except SaveRefused as refused:
            return SaveResult(None, success=False, errors=refused.errors)
        except Unanswered as unanswered:
            unanswered.uncertain = 1
            raise
        return _save_result(answer, created=True)

    def delete(self, ids: Sequence[str]) -> list[SaveResult]:
        """What became of each record; one that is gone already counts as deleted: that is what was asked."""
        results: list[SaveResult] = []
        for batch in _batches(ids, COLLECTION):
            with_ids = {"ids": ",".join(batch), "allOrNone": "false"}
            try:
                answer = self._rest("deleting", "DELETE", "composite/sobjects", params=with_ids, writes=True)
            except ClientError as error:
                error.results = tuple(results)
                raise
            for record_id, item in zip(batch, _as_many(answer, batch), strict=True):
                result = _save_result(item, created=None)
                gone = any(error.code == "ENTITY_IS_DELETED" for error in result.errors)
                results.append(SaveResult(record_id, success=True) if gone else result)
        return results

    def close(self) -> None:
        """Give the connections back."""
        self.transport.session.close()

    # How a write goes out

    def _save(
        self, sobject: str, rows: Sequence[Mapping[str, Any]], *, method: str, path: str, created: bool | None
    ) -> list[SaveResult]:
        results: list[SaveResult] = []
        for batch in _batches(rows, COLLECTION):
            try:
                results += self._save_batch(sobject, batch, method=method, path=path, created=created)
            except ClientError as error:
                error.results = tuple(results)
                if isinstance(error, Unanswered):
                    error.uncertain = len(batch)
                raise
        return results

    def _save_batch(
        self, sobject: str, rows: Sequence[Mapping[str, Any]], *, method: str, path: str, created: bool | None
    ) -> list[SaveResult]:
        """One collections call; when one row makes Salesforce refuse them all, the others go without it.

        An unknown or hidden field and a value that cannot be read refuse the whole call, before it writes.
        """
        body = {"allOrNone": False, "records": [{"attributes": {"type": sobject}, **row} for row in rows]}
        try:
            answer = self._rest(
                f"writing {len(rows)} {sobject} records",
                method,
                path,
                body=body,
                headers={"Sforce-Auto-Assign": "FALSE"},
                repeatable=method == "PATCH",
                writes=True,
            )
        except SaveRefused as refused:
            failed = SaveResult(None, success=False, errors=refused.errors)
            if len(rows) == 1 or refused.code not in _ROW_CODES:
                return [failed] * len(rows)
            named = {name.lower() for name in refused.fields}
            guilty = [any(name.lower() in named for name in row) for row in rows]
            if not any(guilty):
                half = len(rows) // 2
                first = self._save_batch(sobject, rows[:half], method=method, path=path, created=created)
                return first + self._save_batch(sobject, rows[half:], method=method, path=path, created=created)
            others = [row for row, is_guilty in zip(rows, guilty, strict=True) if not is_guilty]
            saved = iter(self._save_batch(sobject, others, method=method, path=path, created=created) if others else ())
            return [failed if is_guilty else next(saved) for is_guilty in guilty]
        return [_save_result(item, created=created) for item in _as_many(answer, rows)]

    # One request

    def _rest(
        self,
        what: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        writes: bool = False,
    ) -> Any:
        data = None if body is None else json.dumps(body, default=_json_value)
        return self._answer(
            what,
            lambda salesforce, options: salesforce.restful(
                path,
                params=None if params is None else dict(params),
                method=method,
                data=data,
                headers=dict(headers or {}),
                **options,
            ),
            repeatable=repeatable,
            writes=writes,
        )

    def _answer(
        self,
        what: str,
        ask: Callable[[Salesforce, dict[str, Any]], Any],
        *,
        repeatable: bool = True,
        writes: bool = False,
    ) -> Any:
        def send() -> Any:
            try:
                return ask(self._connected(), {"timeout": self.transport.timeout})
            except SalesforceError as error:
                self._sort(error)

        if self._salesforce is None:
            self._login()
        return self.transport.call(what, send, repeatable=repeatable, writes=writes)

    def _connected(self) -> Salesforce:
        return self._salesforce or self._login()

    def _sort(self, error: SalesforceError) -> NoReturn:
        """Raise what the caller can do about a refusal, by Salesforce's code.

        Source: REST API Developer Guide, "Status Codes and Error Responses".
        """
        errors = _errors(error.content)
        if error.status == 401:
            self._salesforce = None
            raise TokenRefused(errors[0].message if errors else "401")
        wait = self.transport.retry_after
        if not errors:
            if error.status >= 500 or error.status in {420, 429}:
                raise Interrupted(f"answered {error.status} without a reason", reached=True, wait=wait)
            raise Fatal(f"Salesforce answered {error.status}, not in its own words: is {error.url} the right address?")
        first = errors[0]
        said = f"{first.code}: {first.message}"
        if first.code == "SERVER_UNAVAILABLE":
            raise Interrupted(said, reached=False, wait=wait)
        if first.code == "REQUEST_LIMIT_EXCEEDED":
            if first.message.startswith("Concurrent"):
                raise Interrupted(said, reached=False, wait=wait)
            raise Retry(f"Salesforce's quota of API requests is used up ({said})")
        if first.code == "INVALID_QUERY_LOCATOR":
            raise Retry(f"Salesforce gave up the query in between ({said})")
        if first.code in _FATAL_CODES:
            raise Fatal(f"Salesforce refuses ({said})")
        if error.status >= 500:
            raise Interrupted(said, reached=True, wait=wait)
        raise SaveRefused(errors)

    # The token

    def _login(self) -> Salesforce:
        answer = self.transport.quietly("asking Salesforce for a token", self._ask_token)
        instance = str(answer.get("instance_url") or self.settings.url)
        speak_plainly(self.transport.session, instance)
        self._user_id = str(answer.get("id", "")).rpartition("/")[2]
        self._salesforce = Salesforce(
            instance_url=instance,
            session_id=str(answer["access_token"]),
            session=self.transport.session,
            version=self.settings.api_version,
            object_pairs_hook=None,
        )
        return self._salesforce

    def _ask_token(self) -> dict[str, Any]:
        """The answer to the first of our grants that Salesforce accepts."""
        *others, last = self._grants()
        for grant in others:
            said = self._ask_with(grant)
            if "access_token" in said:
                return said
        said = self._ask_with(last)
        if "access_token" in said:
            return said
        raise Fatal(
            f"Salesforce gives no token ({said.get('error')}: {said.get('error_description', '')}); "
            "look at SF_USERNAME, SF_PASSWORD, SF_TOKEN and SF_CLIENT_ID"
        )

    def _ask_with(self, grant: dict[str, str]) -> dict[str, Any]:
        """What the token endpoint says to one grant: a token, or why not."""
        url = f"{self.settings.url.rstrip('/')}/services/oauth2/token"
        answer = self.transport.session.post(url, data=grant, timeout=self.transport.timeout)
        wait = self.transport.retry_after
        if answer.status_code >= 500 or answer.status_code in {420, 429}:
            raise Interrupted(f"answered {answer.status_code}", reached=False, wait=wait)
        said = answer.json()
        if not isinstance(said, dict) or not ("access_token" in said or "error" in said):
            raise Fatal(f"the answer at {url} is neither a token nor a refusal: is SF_URL the right address?")
        if said.get("error") in {"rate_limit_exceeded", "server_error", "temporarily_unavailable"}:
            raise Interrupted(f"{said['error']}: {said.get('error_description', '')}", reached=False, wait=wait)
        return said

    def _grants(self) -> list[dict[str, str]]:
        """Forms for the credentials we have, best first: a refresh token, a user's password, else the client's own.

        A refresh token can have been revoked, so the password is tried after it; nobody else's rights are.
        """
        settings = self.settings
        client = {"client_id": settings.client_id}
        if settings.client_secret:
            client["client_secret"] = settings.client_secret
        grants = []
        if settings.refresh_token:
            grants.append(client | {"grant_type": "refresh_token", "refresh_token": settings.refresh_token})
        if settings.username and settings.password:
            password = settings.password + settings.token
            grants.append(client | {"grant_type": "password", "username": settings.username, "password": password})
        return grants or [client | {"grant_type": "client_credentials"}]

    def _ask_versions(self) -> None:
        url = f"{self.settings.url.rstrip('/')}/services/data"
        if self.transport.session.get(url, timeout=self.transport.timeout).status_code >= 500:
            raise Interrupted("no answer to the plainest of questions", reached=False)


def soql_literal(value: SoqlValue | Sequence[SoqlValue]) -> str:
    """A value as it stands in SOQL: texts quoted and escaped, datetimes in UTC, a list in brackets.

    Source: SOQL and SOSL Reference, "Quoted String Escape Sequences" and "Date Formats and Date Literals".
    """
    if isinstance(value, datetime):
        return salesforce_datetime(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return f"({','.join(soql_literal(each) for each in value)})"
    return str(quote_soql_value(value))


def _json_value(value: object) -> Any:
    """What JSON has no word for, as Salesforce takes it."""
    if isinstance(value, datetime):
        return salesforce_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no field of Salesforce takes {value!r}")


def _errors(content: Any) -> list[SaveError]:
    if not isinstance(content, list):
        return []
    return [_error(item, str(item["errorCode"])) for item in content if isinstance(item, dict) and "errorCode" in item]


def _error(item: Mapping[str, Any], code: str) -> SaveError:
    message = str(item.get("message", ""))
    fields = tuple(item.get("fields") or ())
    if not fields and (column := _NO_COLUMN.search(message)):
        fields = (column[1],)  # the answer names it in words only
    return SaveError(code, message, fields)


def _save_result(item: Mapping[str, Any], *, created: bool | None) -> SaveResult:
    errors = tuple(_error(error, str(error.get("statusCode", ""))) for error in item.get("errors") or ())
    success = bool(item.get("success"))
    if success and created is None:
        created = item.get("created")
    return SaveResult(item.get("id"), success, created if success else None, errors)


def _as_many(answer: Any, rows: Sequence[Any]) -> list[Any]:
    """The answer's items, one for each row.

    Raises:
        Unanswered: there are more or fewer, so nobody can say which is whose.
    """
    items = answer or []
    if not isinstance(items, list) or len(items) != len(rows):
        raise Unanswered(f"Salesforce gave {len(items)} answers for {len(rows)} records", uncertain=len(rows))
    return items


def _sobject(answer: Mapping[str, Any]) -> SObjectDescribe:
    fields = [
        FieldDescribe(
            name=item["name"],
            label=item["label"],
            type=item["type"],
            length=item["length"],
            precision=item["precision"],
            scale=item["scale"],
            custom=item["custom"],
            nillable=item["nillable"],
            createable=item["createable"],
            updateable=item["updateable"],
            calculated=item["calculated"],
            external_id=item["externalId"],
            unique=item["unique"],
            picklist_values=tuple(value["value"] for value in item["picklistValues"] if value["active"]),
            restricted=item["restrictedPicklist"],
            defaulted_on_create=item["defaultedOnCreate"],
            reference_to=tuple(item["referenceTo"]),
        )
        for item in answer["fields"]
    ]
    return SObjectDescribe(
        answer["name"], answer["createable"], answer["updateable"], {each.name: each for each in fields}
    )


def _batches(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    remaining = iter(rows)
    while batch := tuple(islice(remaining, size)):
        yield batch
