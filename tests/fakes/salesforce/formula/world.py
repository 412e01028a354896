"""A record and its fields for formulas to stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from fakes.salesforce.formula import FieldInfo, compile_formula

FIELDS = {
    "LastName": FieldInfo("string"),
    "Nickname": FieldInfo("string"),
    "Notes": FieldInfo("html"),
    "Diary": FieldInfo("longtextarea"),
    "Secret": FieldInfo("encryptedstring"),
    "Amount": FieldInfo("currency", scale=2),
    "Seats": FieldInfo("double"),
    "Discount": FieldInfo("percent"),
    "Active": FieldInfo("boolean"),
    "Start": FieldInfo("date"),
    "End": FieldInfo("date"),
    "Called": FieldInfo("datetime"),
    "Opens": FieldInfo("time"),
    "Rating": FieldInfo("picklist", options=("Hot", "Warm", "Cold")),
    "Topics": FieldInfo("multipicklist", options=("Sales", "Support", "Press")),
    "Place": FieldInfo("location"),
    "AccountId": FieldInfo("reference"),
    "Account.Name": FieldInfo("string"),
    "Account.Revenue": FieldInfo("double"),
    "Account.Partner": FieldInfo("boolean"),
    "Account.Share": FieldInfo("double", formula="Revenue / 3", blank_as="blank"),
    "Third": FieldInfo("double", scale=2, formula="1 / 3"),
    "Part": FieldInfo("percent", scale=2, formula="Seats / 8", blank_as="blank"),
    "Ping": FieldInfo("double", formula="Pong + 1"),
    "Pong": FieldInfo("double", formula="Ping + 1"),
    "Broken": FieldInfo("double", formula="LEN(5)"),
    "$User.Username": FieldInfo("string"),
    "$Permission.Bypass": FieldInfo("boolean"),
    "$ObjectType.Zone__c.Fields.Name": FieldInfo("string"),
    "$ObjectType.Zone__c.Fields.Limit__c": FieldInfo("percent"),
    "$ObjectType.Other__c.Fields.Name": FieldInfo("string"),
}
_KNOWN = {name.lower(): name for name in FIELDS}

VALUES = {
    "LastName": "Lovelace",
    "Amount": Decimal("120.50"),
    "Seats": Decimal(6),
    "Discount": Decimal(45),
    "Active": True,
    "Start": date(2024, 2, 29),
    "Called": datetime(2024, 3, 1, 3, 30, tzinfo=UTC),
    "Opens": time(10, 20, 30, 4000),
    "Rating": "Hot",
    "Topics": "Sales;Press",
    "AccountId": "001AAAAAAAAAAAaAAB",
    "Place": {"latitude": Decimal("59.91"), "longitude": Decimal("10.75")},
    "$User.Username": "sync@example.test",
}


@dataclass
class Names:
    """Compile context over the fields above."""

    blank_as: str = "blank"
    purpose: str = "any"

    def field(self, path):
        name = _KNOWN.get(".".join(path).lower())
        return None if name is None else FIELDS[name]


@dataclass
class Record:
    """A record with the values above, changed as a test wants it."""

    values: dict = field(default_factory=dict)
    before: dict = field(default_factory=dict)
    is_new: bool = False
    is_clone: bool = False
    now: datetime = datetime(2024, 3, 1, 3, 30, 15, 250000, tzinfo=UTC)
    timezone: object = ZoneInfo("America/Los_Angeles")
    zones: tuple = (("North", 15), ("South", 30))

    @property
    def today(self):
        return self.now.astimezone(self.timezone).date()

    def value(self, path):
        name = _KNOWN[".".join(path).lower()]
        return self.values[name] if name in self.values else VALUES.get(name)

    def prior(self, path):
        name = _KNOWN[".".join(path).lower()]
        return self.before[name] if name in self.before else self.value(path)

    def lookup(self, sobject, key_field, value, return_field):
        assert (sobject, key_field, return_field) == ("Zone__c", "Name", "Limit__c")
        return dict(self.zones).get(value)


def value(text, *, blank_as="blank", purpose="any", mode="memory", record=None, **values):
    """What a formula yields for the record, with some of its fields changed."""
    formula = compile_formula(text, Names(blank_as, purpose), mode=mode)
    return formula.evaluate(record or Record(values))


def number(text):
    return Decimal(text)
