"""A small org for queries: the standard schema and some custom fields, rows without rules, a user with rights."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fakes.kit.clock import VirtualClock
from fakes.kit.database import Database
from fakes.salesforce.access import EVERYTHING, Access, Grants
from fakes.salesforce.ids import IdSequence
from fakes.salesforce.query import QueryResult, QueryService
from fakes.salesforce.schema import PicklistValue, SObject, make_field, standard
from fakes.salesforce.store import Store

NOW = datetime(2026, 1, 14, 18, 30, tzinfo=UTC)  # a Wednesday; 10:30 in Los Angeles
STAMP = "2026-01-05T09:00:00.000Z"


def custom_fields():
    yield make_field(kind="text", name="Region__c", label="Region", length=80, custom=True)
    yield make_field(
        kind="multipicklist",
        name="Interests__c",
        label="Interests",
        custom=True,
        picklist_values=tuple(PicklistValue(v, v) for v in ("Red", "Green", "Blue", "Ärger")),
    )
    yield make_field(kind="double", name="Score__c", label="Score", precision=10, scale=2, custom=True)
    yield make_field(kind="checkbox", name="Vip__c", label="VIP", custom=True)
    yield make_field(kind="date", name="Birthday__c", label="Birthday", custom=True)
    yield make_field(kind="datetime", name="Seen__c", label="Seen", custom=True)
    yield make_field(kind="time", name="Opens__c", label="Opens", custom=True)
    yield make_field(
        kind="text",
        name="Code__c",
        label="Code",
        length=20,
        custom=True,
        external_id=True,
        unique=True,
        case_sensitive=True,
    )
    yield make_field(
        kind="double",
        name="Double__c",
        label="Twice the score",
        precision=18,
        scale=2,
        custom=True,
        calculated=True,
        formula="Score__c * 2",
        createable=False,
        updateable=False,
    )
    yield make_field(
        kind="picklist",
        name="Tier__c",
        label="Tier",
        custom=True,
        picklist_values=(PicklistValue("g", "Gold"), PicklistValue("s", "Silver"), PicklistValue("b", "Bronze")),
    )
    yield make_field(kind="location", name="Place__c", label="Place", custom=True)
    for axis in ("Latitude", "Longitude"):
        yield make_field(
            kind=axis.lower(), name=f"Place__{axis}__s", label=axis, custom=True, compound_field_name="Place__c"
        )


class World:
    """An org in memory; every row that is added gets the system fields it does not bring."""

    def __init__(self) -> None:
        self.schema = standard()
        for field in custom_fields():
            self.schema.put_field("Lead", field)
            if field.name in {"Region__c", "Score__c", "Vip__c"}:
                self.schema.put_field("Account", field)
        self.schema.put_field(
            "Lead",
            make_field(
                kind="lookup",
                name="Firm__c",
                label="Firm",
                custom=True,
                reference_to=("Account",),
                relationship_name="Firm__r",
                child_relationship="Leads__r",
            ),
        )
        self.schema.put(
            SObject(
                name="Toy__c",
                label="Toy",
                label_plural="Toys",
                key_prefix="a00",
                custom=True,
                fields={
                    field.name: field
                    for field in (
                        make_field(kind="id", name="Id", label="Record ID"),
                        make_field(kind="system boolean", name="IsDeleted", label="Deleted"),
                        make_field(kind="name", name="Name", label="Toy Name"),
                        make_field(
                            kind="lookup",
                            name="Keeper__c",
                            label="Keeper",
                            custom=True,
                            reference_to=("Contact",),
                            relationship_name="Keeper__r",
                            child_relationship="Toys__r",
                        ),
                        make_field(kind="system datetime", name="CreatedDate", label="Created Date"),
                        make_field(kind="system datetime", name="SystemModstamp", label="System Modstamp"),
                    )
                },
            )
        )
        self.store = Store(Database())
        self.store.sync_schema(self.schema)
        self.store.register("sf_formula", 3, self._formula)
        self.clock = VirtualClock(NOW)
        self.ids = IdSequence()
        self.ledger: list[tuple[str, str]] = []
        self.query = QueryService(
            self.schema,
            self.store,
            clock=self.clock,
            new_id=self.ids.next,
            not_modelled=lambda what, detail: self.ledger.append((what, detail)),
        )
        self.id = self.ids.next("005")
        self.timezone = "America/Los_Angeles"
        self.locale = "en_US"
        self.access = self.grant()
        self.add("User", Id=self.id, Username="ada@example.com", FirstName="Ada", LastName="Admin", Name="Ada Admin")

    def grant(self, hidden: tuple[str, ...] = (), no_object: tuple[str, ...] = ()) -> Access:
        """The rights to everything but these fields and sobjects; they are the user's from now on."""
        names = [f"{name}.{field}".lower() for name in self.schema.names() for field in self.schema[name].fields]
        readable = frozenset(names) - {name.lower() for name in hidden}
        objects = {name.lower(): EVERYTHING for name in self.schema.names() if name not in no_object}
        granted = Grants(objects=objects, readable=readable, editable=readable)
        self.access = Access(self.schema, user_id=self.id, profile_name="Test", grants=[granted])
        return self.access

    def add(self, sobject: str, **values: Any) -> str:
        """Store a row as it is given; answers its id."""
        described = self.schema[sobject]
        record_id = values.setdefault("Id", self.ids.next(described.key_prefix or "000"))
        if "LastName" in values and "Name" not in values:
            values["Name"] = " ".join(filter(None, [values.get("FirstName"), values["LastName"]]))
        defaults: dict[str, Any] = {
            "IsDeleted": 0,
            "CreatedDate": STAMP,
            "LastModifiedDate": STAMP,
            "SystemModstamp": STAMP,
            "OwnerId": self.id,
            "CreatedById": self.id,
        }
        row = {key: value for key, value in {**defaults, **values}.items() if described.field(key)}
        self.store.insert(described, row)
        return record_id

    def run(self, soql: str, **options: Any) -> QueryResult:
        """The first page."""
        return self.query.run(soql, by=self, **options)

    def names(self, soql: str, field: str = "Name", **options: Any) -> list[Any]:
        """One field of every record that is found."""
        return [record[field] for record in self.run(soql, **options).records]

    def _formula(self, sobject: str, _field: str, record_id: str) -> Any:
        score = self.store.get(self.schema[sobject], record_id)["Score__c"]
        return None if score is None else score * 2
