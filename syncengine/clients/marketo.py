"""Marketo over its REST API, as an ordinary API user or as the connector user of a simulated native sync.

Marketo fails at three levels, two of them inside a 200: the HTTP status, the envelope's ``errors``, and one
record's ``reasons``. An expired token is of the second kind, so renewing it reads the body.
Source: Marketo developer guide, "Authentication", "Error Codes", "Leads" and "Activities".
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

from .dates import marketo_datetime, parse_datetime
from .errors import ClientError, Fatal, RecordRefused, Retry, Unanswered
from .transport import Backoff, Interrupted, TokenRefused, Transport, form_size, new_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import requests

BATCH = 300
"""Records in one write, values of one filter, entries of one page."""

CAMPAIGN_LEADS = 100
BODY_BYTES = 900_000
"""A body above 1 MB is refused (413); what is left is room for the envelope."""

ADDRESS_CHARACTERS = 6_000
"""An address above 8 KB is refused (414); longer ones go as a form with ``_method=GET``."""

RATE_WINDOW = 20.0
"""100 calls in 20 seconds: who was refused by that (606) waits for the window to pass."""

_TOKEN_CODES = frozenset({"600", "601", "602"})
_REFUSED_BEFORE = frozenset({"608", "615", "713"})
"""Refused before anything was done: may be asked again whatever it was."""
_PERHAPS_DONE = frozenset({"500", "502", "604", "611"})
"""It broke somewhere on the way: may have been done."""
_FATAL_CODES = frozenset({"603", "605", "609", "610", "612", "614", "703"})


@dataclass(frozen=True, slots=True)
class MarketoSettings:
    """Where an instance is and who we are there; ``connector``: as the native sync's own user."""

    url: str
    client_id: str
    client_secret: str = field(repr=False)
    connector: bool = False
    ca_cert: Path | None = None


@dataclass(frozen=True, slots=True)
class LeadField:
    """One lead field by its REST name; ``type`` is the describe's word (``string``, ``datetime`` …)."""

    name: str
    display_name: str
    type: str
    length: int | None
    read_only: bool
    id: int


Reasons = tuple[tuple[str, str], ...]
"""Codes and messages of one skipped record."""


@dataclass(frozen=True, slots=True)
class LeadResult:
    """What became of one lead: ``created``, ``updated``, or ``skipped`` with reasons and without an id."""

    id: int | None
    status: str
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class FieldResult:
    """What became of one new lead field."""

    name: str
    status: str
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class ActivityResult:
    """What became of one new activity: ``added`` or ``skipped``."""

    guid: str | None
    status: str
    reasons: Reasons = ()


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field in a lead change, by its REST name; values as Marketo spells them, None for blank."""

    name: str
    new: str | None
    old: str | None


@dataclass(frozen=True, slots=True)
class Activity:
    """One entry of a person's activity log. ``guid`` is the only thing to tell two of them apart by."""

    guid: str
    id: int | None
    lead_id: int
    type_id: int
    date: datetime
    primary_value: str | None
    attributes: Mapping[str, Any]
    campaign_id: int | None = None
    fields: tuple[FieldChange, ...] = ()
    """What changed; only in lead changes."""


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One page of the activity log. A short page, and an empty one, can be followed by ``more``."""

    activities: tuple[Activity, ...]
    next_token: str
    more: bool


class MarketoClient:
    """One instance. ``calls`` counts API calls, as the instance's quota does: asking for a token is free."""

    def __init__(
        self,
        settings: MarketoSettings,
        *,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
        backoff: Backoff | None = None,
    ) -> None:
        self.settings = settings
        self.transport = Transport(
            new_session(settings.url, ca_cert=settings.ca_cert) if session is None else session,
            system="Marketo",
            sleep=sleep,
            backoff=backoff,
        )
        self._base = settings.url.rstrip("/")
        self._token = ""
        self._fields: dict[str, LeadField] = {}

    @property
    def calls(self) -> int:
        """API calls sent so far, repeated ones too."""
        return self.transport.calls

    @property
    def connector(self) -> bool:
        """Whether we are the native sync's own user: outside the quota, and free to write what it writes."""
        return self.settings.connector

    def now(self) -> datetime:
        """Marketo's clock as its latest answer told it; it is asked if there has been none."""
        if self.transport.date is None:
            self._login()
        if self.transport.date is None:
            raise Fatal("Marketo's answers carry no Date, so nobody can know its time")
        return self.transport.date

    # Fields

    def describe(self) -> dict[str, LeadField]:
        """Lead fields by REST name, where they have one; asked once, until :meth:`forget_describes`."""
        if not self._fields:
            answer = self._call("describing leads", "GET", "leads/describe.json")
            self._fields = {
                item["rest"]["name"]: LeadField(
                    name=item["rest"]["name"],
                    display_name=item["displayName"],
                    type=item["dataType"],
                    length=item.get("length"),
                    read_only=bool(item["rest"]["readOnly"]),
                    id=item["id"],
                )
                for item in answer["result"]
                if "rest" in item
            }
        return self._fields

    def forget_describes(self) -> None:
        """Ask again next time: fields may have come or changed."""
        self._fields = {}

    def create_fields(self, fields: Sequence[Mapping[str, Any]]) -> list[FieldResult]:
        """What became of each custom field: ``displayName``, ``name``, ``dataType``, perhaps ``description``.

        The API makes at most 100 in an instance's life, and no text areas.

        Raises:
            Unanswered: some may have been made: look at :meth:`describe`.
        """
        answer = self._write("creating lead fields", "leads/schema/fields.json", {"input": list(fields)}, len(fields))
        self.forget_describes()
        return [
            FieldResult(str(item.get("name", row["name"])), item["status"], _reasons(item))
            for row, item in zip(fields, answer, strict=True)
        ]

    # Leads

    def leads_by_filter(
        self, filter_type: str, values: Sequence[str | int], fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Every lead with one of the values: ``id`` and the fields asked for, as Marketo spells them.

        A value cannot hold a comma: Marketo has no way to write one.

        Raises:
            RecordRefused: 1006 for a field it does not know, 1011 for one it cannot look up.
        """
        found: list[dict[str, Any]] = []
        for batch in _batches([str(value) for value in values], BATCH):
            found += self._filtered(filter_type, batch, fields)
        return found

    def _filtered(self, filter_type: str, values: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        params = {"filterType": filter_type, "filterValues": ",".join(values), "fields": ",".join(fields)}
        try:
            return list(self._pages(f"reading leads by {filter_type}", "leads.json", params))
        except RecordRefused as refused:
            if "Too many results" not in refused.message or len(values) == 1:
                raise
        half = len(values) // 2
        return self._filtered(filter_type, values[:half], fields) + self._filtered(filter_type, values[half:], fields)

    def sync_leads(self, rows: Sequence[Mapping[str, Any]], *, action: str, lookup_field: str) -> list[LeadResult]:
        """What became of each lead, in order; each is created, updated or skipped on its own.

        Args:
            rows: field values by REST name; None clears.
            action: ``createOrUpdate``, ``createOnly``, ``updateOnly`` or ``createDuplicate``.
            lookup_field: what finds the lead; ``id`` only with ``updateOnly``.

        Raises:
            Unanswered: some may have been written. Only ``updateOnly`` is tried again here: Marketo makes two
                leads of one key when two calls run side by side, and one whose answer was lost may still run.
        """
        results: list[LeadResult] = []
        head = {"action": action, "lookupField": lookup_field}
        for batch in _batches(rows, BATCH, BODY_BYTES):
            try:
                answer = self._write(
                    f"writing {len(batch)} leads",
                    "leads.json",
                    {**head, "input": list(batch)},
                    len(batch),
                    repeatable=action == "updateOnly",
                )
            except ClientError as error:
                error.results = tuple(results)
                raise
            results += [LeadResult(item.get("id"), item["status"], _reasons(item)) for item in answer]
        return results

    # Activities

    def paging_token(self, since: datetime) -> str:
        """Marketo's position in the activity log at an instant, to the second."""
        params = {"sinceDatetime": marketo_datetime(since)}
        return str(self._call("asking for a position", "GET", "activities/pagingtoken.json", params)["nextPageToken"])

    def lead_changes(self, token: str, fields: Sequence[str]) -> ChangePage:
        """One page of new leads (type 12) and of changes of these fields (type 13), by REST name."""
        params = {"nextPageToken": token, "fields": ",".join(fields), "batchSize": str(BATCH)}
        return self._page("reading lead changes", "activities/leadchanges.json", params)

    def deleted_leads(self, token: str) -> ChangePage:
        """One page of deletions (type 37); Marketo keeps them for 14 days at least."""
        params = {"nextPageToken": token, "batchSize": str(BATCH)}
        return self._page("reading deleted leads", "activities/deletedleads.json", params)

    def activities(self, token: str, type_ids: Sequence[int], lead_ids: Sequence[int] = ()) -> ChangePage:
        """One page of activities.

        Args:
            token: from :meth:`paging_token` or the page before.
            type_ids: 1 to 10.
            lead_ids: at most 30; none means everybody.

        Raises:
            ValueError: too many types or leads for one call.
        """
        if not 1 <= len(type_ids) <= 10 or len(lead_ids) > 30:
            raise ValueError("activities are read by 1 to 10 types and at most 30 leads in one call")
        params = {
            "nextPageToken": token,
            "activityTypeIds": ",".join(map(str, type_ids)),
            "batchSize": str(BATCH),
        }
        if lead_ids:
            params["leadIds"] = ",".join(map(str, lead_ids))
        return self._page("reading activities", "activities.json", params)

    def add_activities(self, rows: Sequence[Mapping[str, Any]]) -> list[ActivityResult]:
        """What became of each activity: ``leadId``, ``activityDate``, ``activityTypeId`` and its attributes.

        Raises:
            Unanswered: some may have been added: look for them in the log.
        """
        results: list[ActivityResult] = []
        for batch in _batches(rows, BATCH, BODY_BYTES):
            try:
                answer = self._write(
                    "adding activities", "activities/external.json", {"input": list(batch)}, len(batch)
                )
            except ClientError as error:
                error.results = tuple(results)
                raise
            results += [
                ActivityResult(
                    str(guid) if (guid := item.get("marketoGUID") or item.get("id")) else None,
                    item["status"],
                    _reasons(item),
                )
                for item in answer
            ]
        return results

    def custom_activity_types(self) -> list[dict[str, Any]]:
        """Custom activity types, each with its ``id``, ``apiName``, ``name`` and ``status``."""
        return self._result(self._call("reading custom activity types", "GET", "activities/external/types.json"))

    def describe_custom_activity_type(self, api_name: str, *, draft: bool = False) -> dict[str, Any]:
        """One custom activity type with its attributes."""
        path = f"activities/external/type/{quote(api_name)}/describe.json"
        params = {"draft": "true"} if draft else {}
        return self._only("describing a custom activity type", self._call("describing", "GET", path, params))

    def create_custom_activity_type(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """The draft of a new type: ``apiName``, ``name``, ``triggerName``, ``filterName``, ``primaryAttribute``."""
        return self._change_type("activities/external/type.json", spec)

    def create_custom_activity_attributes(
        self, api_name: str, attributes: Sequence[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """The draft with attributes added: each ``apiName``, ``name``, ``dataType``."""
        path = f"activities/external/type/{quote(api_name)}/attributes/create.json"
        return self._change_type(path, {"attributes": list(attributes)})

    def approve_custom_activity_type(self, api_name: str) -> dict[str, Any]:
        """The type, approved: from now on activities of it can be added."""
        return self._change_type(f"activities/external/type/{quote(api_name)}/approve.json", {})

    def _change_type(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        what = "changing a custom activity type"
        return self._only(what, self._call(what, "POST", path, body=body, repeatable=False, writes=True))

    # Campaigns

    def campaigns(self, name: str | None = None) -> list[dict[str, Any]]:
        """Smart campaigns, or those of exactly this name."""
        return list(self._pages("reading campaigns", "campaigns.json", {} if name is None else {"name": name}))

    def request_campaign(
        self, campaign_id: int, lead_ids: Sequence[int], tokens: Sequence[Mapping[str, str]] = ()
    ) -> None:
        """Send persons through a requestable campaign.

        Raises:
            RecordRefused: 1013 no such campaign, 1004 no such lead, 1003 it cannot be requested.
            Unanswered: they may be on their way already.
        """
        for batch in _batches([{"id": lead_id} for lead_id in lead_ids], CAMPAIGN_LEADS):
            body = {"input": {"leads": list(batch), "tokens": list(tokens)}}
            path = f"campaigns/{campaign_id}/trigger.json"
            self._call("requesting a campaign", "POST", path, body=body, repeatable=False, writes=True)

    def close(self) -> None:
        """Give the connections back."""
        self.transport.session.close()

    # Envelopes

    def _pages(self, what: str, path: str, params: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every record of a list that pages by position: another page exists when a token says so."""
        asked = dict(params)
        while True:
            answer = self._call(what, "GET", path, asked)
            yield from self._result(answer)
            if not (token := answer.get("nextPageToken")):
                return
            asked["nextPageToken"] = token

    def _page(self, what: str, path: str, params: Mapping[str, str]) -> ChangePage:
        answer = self._call(what, "GET", path, params)
        return ChangePage(
            tuple(_activity(item) for item in answer.get("result") or ()),
            str(answer["nextPageToken"]),
            bool(answer["moreResult"]),
        )

    def _write(
        self, what: str, path: str, body: Mapping[str, Any], rows: int, *, repeatable: bool = False
    ) -> list[dict[str, Any]]:
        """One answer for each row of a write, in order."""
        try:
            items = self._result(self._call(what, "POST", path, body=body, repeatable=repeatable, writes=True))
        except Unanswered as unanswered:
            unanswered.uncertain = rows
            raise
        if len(items) != rows:
            raise Unanswered(f"Marketo gave {len(items)} answers for {rows} records", uncertain=rows)
        return items

    @staticmethod
    def _result(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        return list(answer.get("result") or ())

    def _only(self, what: str, answer: Mapping[str, Any]) -> dict[str, Any]:
        if not (items := self._result(answer)):
            raise Retry(f"{what}: Marketo's answer is empty")
        return items[0]

    # One call

    def _call(
        self,
        what: str,
        method: str,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = True,
        writes: bool = False,
    ) -> dict[str, Any]:
        """The envelope of a successful answer."""
        if not self._token:
            self._login()
        url = f"{self._base}/rest/v1/{path}"
        asked: dict[str, Any] = {"params": dict(params or {})}
        if method == "GET" and len(url) + form_size(asked["params"]) > ADDRESS_CHARACTERS:
            method, asked = "POST", {"params": {"_method": "GET"}, "data": asked["params"]}
        if body is not None:
            asked["data"] = json.dumps(body, default=_json_value).encode()
            asked["headers"] = {"Content-Type": "application/json"}

        def send() -> dict[str, Any]:
            return self._once(method, url, asked)

        return self.transport.call(what, send, repeatable=repeatable, writes=writes)

    def _once(self, method: str, url: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        headers = {**asked.get("headers", {}), "Authorization": f"Bearer {self._token or self._login()}"}
        response = self.transport.session.request(
            method,
            url,
            params=asked["params"],
            data=asked.get("data"),
            headers=headers,
            timeout=self.transport.timeout,
        )
        if response.status_code >= 500:
            raise Interrupted(f"answered {response.status_code}", reached=True, wait=self.transport.retry_after)
        if response.status_code == 429:
            raise Interrupted("answered 429", reached=False, wait=self.transport.retry_after or RATE_WINDOW)
        if response.status_code in {413, 414}:
            raise RecordRefused(str(response.status_code), "the request is too large for Marketo")
        if response.status_code != 200:
            raise Fatal(f"Marketo answered {response.status_code}: is {self._base} the right address?")
        envelope = response.json()
        if not isinstance(envelope, dict) or "success" not in envelope:
            raise Fatal(f"the answer at {url} is not Marketo's: is MKTO_URL the right address?")
        if not envelope["success"]:
            self._sort(envelope)
        return envelope

    def _sort(self, envelope: Mapping[str, Any]) -> NoReturn:
        """Raise what the caller can do about a refused call, by Marketo's code.

        Source: Marketo developer guide, "Error Codes", response-level errors.
        """
        errors = envelope.get("errors") or [{}]
        code, message = str(errors[0].get("code", "")), str(errors[0].get("message", ""))
        said = f"{code}: {message}"
        if code in _TOKEN_CODES:
            self._token = ""
            raise TokenRefused(said)
        if code == "606":
            raise Interrupted(said, reached=False, wait=RATE_WINDOW)
        if code in _REFUSED_BEFORE:
            raise Interrupted(said, reached=False, wait=self.transport.retry_after)
        if code in _PERHAPS_DONE:
            raise Interrupted(said, reached=True, wait=self.transport.retry_after)
        if code == "607":
            raise Retry(f"Marketo's quota of calls is used up ({said})")
        if code in _FATAL_CODES:
            raise Fatal(f"Marketo refuses ({said})")
        raise RecordRefused(code, message, _fields_named(message))

    # The token

    def _login(self) -> str:
        self._token = self.transport.quietly("asking Marketo for a token", self._ask_token)
        return self._token

    def _ask_token(self) -> str:
        """A token. When it ends is Marketo's to say (602): it can come with no second left to live."""
        url = f"{self._base}/identity/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "client_id": self.settings.client_id,
            "client_secret": self.settings.client_secret,
        }
        response = self.transport.session.post(url, data=form, timeout=self.transport.timeout)
        if response.status_code >= 500 or response.status_code == 429:
            wait = self.transport.retry_after
            raise Interrupted(f"answered {response.status_code}", reached=False, wait=wait)
        said = response.json()
        if response.status_code == 200 and isinstance(said, dict) and said.get("access_token"):
            return str(said["access_token"])
        names = (
            "MKTO_CONNECTOR_ID and MKTO_CONNECTOR_SECRET" if self.connector else "MKTO_CLIENT_ID and MKTO_CLIENT_SECRET"
        )
        why = said.get("error_description", said.get("error", "")) if isinstance(said, dict) else ""
        raise Fatal(f"Marketo gives no token ({response.status_code} {why}); look at MKTO_URL, {names}")


def _activity(item: Mapping[str, Any]) -> Activity:
    return Activity(
        guid=str(item.get("marketoGUID") or item["id"]),
        id=item.get("id"),
        lead_id=item["leadId"],
        type_id=item["activityTypeId"],
        date=parse_datetime(item["activityDate"]),
        primary_value=item.get("primaryAttributeValue"),
        attributes={each["name"]: each.get("value") for each in item.get("attributes") or ()},
        campaign_id=item.get("campaignId"),
        fields=tuple(
            FieldChange(each["name"], each.get("newValue"), each.get("oldValue")) for each in item.get("fields") or ()
        ),
    )


def _reasons(item: Mapping[str, Any]) -> Reasons:
    """Why a record was skipped; custom activities call the member ``errors``."""
    reasons = item.get("reasons") or item.get("errors") or ()
    return tuple((str(reason["code"]), str(reason["message"])) for reason in reasons)


_FIELD = re.compile(r"(?:[Ff]ield|attribute) '([^']+)'")


def _fields_named(message: str) -> tuple[str, ...]:
    """The fields that a message names: Marketo has no other place for them."""
    return tuple(_FIELD.findall(message))


def _json_value(value: object) -> Any:
    """What JSON has no word for, as Marketo takes it."""
    if isinstance(value, datetime):
        return marketo_datetime(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"no field of Marketo takes {value!r}")


def _batches(rows: Sequence[Any], size: int, most_bytes: int | None = None) -> Iterator[list[Any]]:
    """The rows in as few parts as their number and their size in JSON allow; a row too large goes alone."""
    batch: list[Any] = []
    taken = 0
    for row in rows:
        length = len(json.dumps(row, default=_json_value)) + 1 if most_bytes else 0
        if batch and (len(batch) == size or taken + length > (most_bytes or 0) > 0):
            yield batch
            batch, taken = [], 0
        batch.append(row)
        taken += length
    if batch:
        yield batch
