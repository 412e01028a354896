"""Which Salesforce field is which lead field, and how a value is spelled on either side.

The standard fields are Marketo's own preset and cannot be changed (MAP-04); every custom field that the sync user
sees takes part under its API name (MAP-10), or under the name that the settings give it.
Sources: "Default Salesforce Field Mapping", "SFDC Sync: Field Sync", "Custom Field Type Glossary".
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any

from syncengine.model import (
    MarketoField,
    SalesforceField,
    Side,
    Value,
    Values,
    format_instant,
    parse_instant,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCORE = "mkto71_Lead_Score__c"

_BOTH = {
    "FirstName": "firstName",
    "LastName": "lastName",
    "Salutation": "salutation",
    "Title": "title",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "mobilePhone",
    "Fax": "fax",
    "LeadSource": "leadSource",
    "Description": "mktoPersonNotes",
    "HasOptedOutOfEmail": "unsubscribed",
    SCORE: "leadScore",
}

PRESET: Mapping[str, Mapping[str, str]] = {
    "Lead": {
        **_BOTH,
        "Company": "company",
        "Street": "address",
        "City": "city",
        "State": "state",
        "PostalCode": "postalCode",
        "Country": "country",
        "Status": "leadStatus",
        "Rating": "rating",
        "Industry": "industry",
        "Website": "website",
        "AnnualRevenue": "annualRevenue",
        "NumberOfEmployees": "numberOfEmployees",
    },
    "Contact": {
        **_BOTH,
        "MailingStreet": "address",
        "MailingCity": "city",
        "MailingState": "state",
        "MailingPostalCode": "postalCode",
        "MailingCountry": "country",
        "Birthdate": "dateOfBirth",
    },
}
"""MAP-01 and MAP-02: sobject to field to the REST name of its lead field."""

ACCOUNT: Mapping[str, str] = {
    "Name": "company",
    "BillingStreet": "billingStreet",
    "BillingCity": "billingCity",
    "BillingState": "billingState",
    "BillingPostalCode": "billingPostalCode",
    "BillingCountry": "billingCountry",
    "Phone": "mainPhone",
    "Site": "site",
    "Website": "website",
    "Industry": "industry",
    "Sic": "sicCode",
    "AnnualRevenue": "annualRevenue",
    "NumberOfEmployees": "numberOfEmployees",
    "Description": "mktoCompanyNotes",
}
"""MAP-03: what a Contact's person gets from its Account, and never gives back (DIR-03, DIR-19)."""

_KINDS = {
    "boolean": "boolean",
    "int": "number",
    "long": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
    "email": "email",
    "multipicklist": "multipicklist",
    "string": "text",
    "textarea": "text",
    "picklist": "text",
    "phone": "text",
    "url": "text",
    "id": "text",
    "reference": "text",
    "combobox": "text",
    "encryptedstring": "text",
    "time": "text",
}
"""Describe types that can sync, and how their values behave; compound fields travel by their parts (VAL-18)."""

_WHOLE = {"integer", "score", "percent"}
_NUMBERS = _WHOLE | {"float", "currency"}
TEXT_BYTES = 30_000
"""The most a Text Area holds, in bytes ("Field types")."""
STRING_LENGTH = 255
_DIGITS = 19
"""No field of either side holds a number with more digits before its point (64 bits)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPair:
    """One Salesforce field and the lead field it feeds.

    Args:
        name: REST name of the lead field; the key of every value.
        salesforce: API name, or ``Account.Name`` for a field of a Contact's Account.
        kind: text, email, number, boolean, date, datetime or multipicklist: how values are read and compared.
        create: the sync user may set it on a new record.
        push: the sync user may change it.
        pull: Marketo takes it.
        calculated: a formula: its value arrives with its record's next save (CYC-22).
        shadow: a system-managed trace of the Salesforce record on the person, such as its creation date.
    """

    name: str
    salesforce: str
    kind: str
    scale: int = 0
    marketo_type: str = "string"
    marketo_length: int | None = None
    create: bool = True
    push: bool = True
    pull: bool = True
    calculated: bool = False
    shadow: bool = False

    def canonical(self, side: Side, raw: Any) -> Value:
        """The value that a vendor's JSON means. What cannot be read as the field's kind stays as its text."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return False if self.kind == "boolean" and side is Side.SALESFORCE else None
        match self.kind:
            case "boolean":
                return _boolean(raw)
            case "number":
                return _number(raw)
            case "date":
                return _date(raw)
            case "datetime":
                return _instant(raw)
            case _:
                return _text(raw)

    def wire(self, side: Side, value: Value) -> Any:
        """How the side takes a canonical value in JSON.

        Marketo gets what fits: text cut to the field's length (VAL-03), whole numbers rounded half up (U-15).
        Salesforce gets the value as it is and refuses what does not fit (VAL-04).
        """
        if side is Side.MARKETO:
            return self._for_marketo(value)
        if self.kind == "datetime" and isinstance(value, str):
            return value.replace("Z", ".000Z")
        return value

    def held(self, side: Side, value: Value) -> Value:
        """What the side shows after it took the value: cut, rounded, as the field stores it."""
        if side is Side.SALESFORCE and self.kind == "number" and _is_number(value):
            return _rounded(value, self.scale)
        return self.canonical(side, self.wire(side, value))

    def same(self, one: Value, other: Value) -> bool:
        """Whether two canonical values count as one: e-mail without case (VAL-09), picklist values in any order.

        An empty Marketo boolean says nothing, so it differs from neither true nor false (VAL-07).
        """
        if self.kind == "boolean" and (one is None or other is None):
            return True
        return bool(_comparable(self.kind, one) == _comparable(self.kind, other))

    def _for_marketo(self, value: Value) -> Any:
        if value is None:
            return None
        if self.marketo_type in _NUMBERS:
            return _rounded(value, 0) if self.marketo_type in _WHOLE and _is_number(value) else value
        if self.marketo_type == "boolean":
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value)
        if self.marketo_type == "date":
            return text[:10]
        if self.marketo_type == "datetime":
            return f"{text}T00:00:00Z" if self.kind == "date" and _is_date(text) else text
        if self.marketo_type in {"text", "textarea"}:
            return text.encode()[:TEXT_BYTES].decode(errors="ignore").strip()
        return text[: self.marketo_length or STRING_LENGTH].strip()


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _comparable(kind: str, value: Value) -> Any:
    if isinstance(value, str):
        if kind == "email":
            return value.casefold()
        if kind == "multipicklist":
            return frozenset(part.strip() for part in value.split(";") if part.strip())
    return value


def _text(raw: Any) -> Value:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw).replace("\r\n", "\n").replace("\r", "\n").strip() or None


def _boolean(raw: Any) -> Value:
    if isinstance(raw, str):
        known = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
        return known.get(raw.strip().lower(), raw.strip())
    return bool(raw)


def _number(raw: Any) -> Value:
    if isinstance(raw, bool):
        return int(raw)
    try:
        number = Decimal(str(raw).strip())
    except InvalidOperation:
        return _text(raw)
    if not number.is_finite() or number.adjusted() > _DIGITS:
        return _text(raw)  # no number of either side: Salesforce will say so in its own words
    return int(number) if number == number.to_integral_value() else float(number)


def _rounded(value: Value, scale: int) -> Value:
    exact = Decimal(str(value))
    return _number(exact.quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP, Context(prec=3 * _DIGITS)))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _date(raw: Any) -> Value:
    text = str(raw).strip()
    return text[:10] if _is_date(text[:10]) else text


def _instant(raw: Any) -> Value:
    text = str(raw).strip()
    try:
        return format_instant(parse_instant(text))
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class MissingField:
    """A Salesforce field that the sync user sees and Marketo has no lead field for yet (FLD-10)."""

    name: str
    salesforce: str
    sobject: str
    label: str
    type: str

    @property
    def specification(self) -> dict[str, Any]:
        """The lead field to create, as Marketo's schema call takes it."""
        return {"name": self.name, "displayName": self.label, "dataType": self.type}


@dataclass(frozen=True)
class ObjectMapping:
    """The fields of one sobject that take part, as the sync user sees them now.

    Args:
        key_field: the external id field that holds the Marketo id, where the sync user may edit it.
        account: Contacts are read with fields of their Account.
        missing: lead fields still to be made.
        problems: what the settings ask for and cannot be had, in words for a person.
    """

    sobject: str
    pairs: tuple[FieldPair, ...]
    createable: bool = True
    updateable: bool = True
    key_field: str | None = None
    account: bool = False
    missing: tuple[MissingField, ...] = ()
    problems: tuple[str, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, FieldPair]:
        """The pairs by the REST name of their lead field."""
        return {pair.name: pair for pair in self.pairs}

    @property
    def select(self) -> list[str]:
        """What a reading of the sobject asks for, each field once."""
        system = ["Id", "SystemModstamp", "LastModifiedById", "IsDeleted"]
        if self.sobject == "Lead":
            system += ["IsConverted", "ConvertedContactId", "ConvertedDate"]
        if self.account:
            system.append("Account.SystemModstamp")
        return list(dict.fromkeys([*system, *(pair.salesforce for pair in self.pairs)]))

    @property
    def watched(self) -> list[str]:
        """Lead fields whose changes in Marketo can matter: those that can be pushed."""
        return [pair.name for pair in self.pairs if pair.push]

    def name_of(self, name: str, side: Side) -> str:
        """How the side calls the field."""
        pair = self.by_name.get(name)
        return pair.salesforce if pair is not None and side is Side.SALESFORCE else name

    def values(self, side: Side, row: Mapping[str, Any]) -> dict[str, Value]:
        """Canonical values of a vendor's row, keyed by lead field; a field that the row lacks is left out."""
        if side is Side.MARKETO:
            return {pair.name: pair.canonical(side, row[pair.name]) for pair in self.pairs if pair.name in row}
        found = {}
        for pair in self.pairs:
            parent, _, child = pair.salesforce.rpartition(".")
            if parent:
                found[pair.name] = pair.canonical(side, (row.get(parent) or {}).get(child))
            elif child in row:
                found[pair.name] = pair.canonical(side, row[child])
        return found

    def wire(self, side: Side, values: Values) -> dict[str, Any]:
        """A row for the side's API; names without a pair are traces and go as they are."""
        row = {}
        for name, value in values.items():
            pair = self.by_name.get(name)
            row[self.name_of(name, side)] = value if pair is None else pair.wire(side, value)
        return row

    def without(self, salesforce_fields: Iterable[str]) -> ObjectMapping:
        """The mapping as if the sync user did not see these fields."""
        gone = set(salesforce_fields)
        return replace(self, pairs=tuple(pair for pair in self.pairs if pair.salesforce not in gone))

    def to_json(self) -> dict[str, Any]:
        """The mapping as plain data, to be kept until the next describe."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> ObjectMapping:
        """The mapping that ``to_json`` gave."""
        return cls(
            **{
                **kept,
                "pairs": tuple(FieldPair(**pair) for pair in kept["pairs"]),
                "missing": tuple(MissingField(**missing) for missing in kept["missing"]),
                "problems": tuple(kept["problems"]),
            }
        )


def build(
    sobject: str,
    fields: Mapping[str, SalesforceField],
    account_fields: Mapping[str, SalesforceField] | None,
    lead_fields: Mapping[str, MarketoField],
    *,
    overrides: Mapping[str, str],
    shadow: Mapping[str, str],
    key_field: str,
    createable: bool = True,
    updateable: bool = True,
) -> ObjectMapping:
    """The mapping of one sobject, from what both sides describe and the settings.

    Args:
        sobject: Lead or Contact.
        fields: what the sync user sees of it.
        account_fields: what the sync user sees of Account, where a Contact's Account is to be read.
        lead_fields: Marketo's lead fields by REST name.
        overrides: ``Lead.Region__c`` to a REST name, or to an empty text.
        shadow: system fields of the record to the lead fields that show them (``traces.Traces.shadow``).
        key_field: name of the external id field that holds the Marketo id; it is a key and no value.
        createable: the sync user may create records.
        updateable: the sync user may edit records.
    """
    builder = _Builder(sobject, lead_fields)
    for name, rest_name in PRESET[sobject].items():
        if name in fields:
            builder.add(fields[name], name, rest_name)
    for name, field in fields.items():
        asked = overrides.get(f"{sobject}.{name}")
        if name in PRESET[sobject] or name == key_field:
            if asked is not None:
                builder.problems.append(f"{sobject}.{name}: the mapping of this field cannot be changed")
        elif field.custom:
            if asked != "":
                builder.add(field, name, asked or name, custom=True)
        elif asked is not None:
            builder.problems.append(f"{sobject}.{name}: only custom fields can be mapped")
    for name, rest_name in ACCOUNT.items():
        if account_fields and name in account_fields:
            builder.add(account_fields[name], f"Account.{name}", rest_name, pull_only=True)
    for name, field in (account_fields or {}).items():
        if field.custom and overrides.get(f"Account.{name}") != "":
            rest_name = f"{name}_account" if name in fields else name
            builder.add(
                field,
                f"Account.{name}",
                overrides.get(f"Account.{name}") or rest_name,
                custom=True,
                pull_only=True,
            )
    for name, rest_name in shadow.items():
        if name in fields and rest_name in lead_fields:
            builder.add(fields[name], name, rest_name, pull_only=True, shadow=True)
    for path in sorted(overrides):
        owner, _, name = path.partition(".")
        if owner == sobject and name not in fields:
            builder.problems.append(f"{path}: the sync user sees no such field")
    key = fields.get(key_field)
    return ObjectMapping(
        sobject,
        tuple(builder.pairs.values()),
        createable=createable,
        updateable=updateable,
        key_field=key_field if key is not None and key.createable else None,
        account=account_fields is not None,
        missing=tuple(builder.missing),
        problems=tuple(builder.problems),
    )


class _Builder:
    """Collects the pairs of one sobject; a lead field is fed once."""

    def __init__(self, sobject: str, lead_fields: Mapping[str, MarketoField]) -> None:
        self.sobject = sobject
        self.lead_fields = {name.lower(): field for name, field in lead_fields.items()}
        self.pairs: dict[str, FieldPair] = {}
        self.missing: list[MissingField] = []
        self.problems: list[str] = []

    def add(
        self,
        field: SalesforceField,
        path: str,
        rest_name: str,
        *,
        custom: bool = False,
        pull_only: bool = False,
        shadow: bool = False,
    ) -> None:
        kind = _KINDS.get(field.type)
        if kind is None:
            return
        if lead_field := self.lead_fields.get(rest_name.lower()):
            rest_name = lead_field.name  # MAP-06: names that differ in case are one field
        if rest_name in self.pairs:
            fed_by = self.pairs[rest_name].salesforce
            self.problems.append(f"{self.sobject}.{path}: {rest_name} is fed by {fed_by} already")
            return
        if lead_field is None:
            if custom:
                self.missing.append(MissingField(rest_name, path, self.sobject, field.label, lead_field_type(field)))
            return
        self.pairs[rest_name] = FieldPair(
            name=rest_name,
            salesforce=path,
            kind=kind,
            scale=field.scale,
            marketo_type=lead_field.type,
            marketo_length=lead_field.length,
            create=field.createable and not pull_only,
            push=field.updateable and not pull_only,
            pull=shadow or not lead_field.read_only,
            calculated=field.calculated,
            shadow=shadow,
        )


def lead_field_type(field: SalesforceField) -> str:
    """The type of the lead field that is made for a Salesforce field (TYP-01 to TYP-19, U-14, U-15)."""
    match field.type:
        case "boolean" | "date" | "datetime" | "currency" | "percent" | "email" | "phone" | "url":
            return field.type
        case "int" | "long":
            return "integer"
        case "double":
            return "integer" if field.scale == 0 else "float"
        case "textarea":
            return "text"
        case "multipicklist":
            return "text" if field.length > STRING_LENGTH else "string"
        case _:
            return "string"
