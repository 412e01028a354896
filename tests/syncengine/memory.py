"""Both systems in memory, of the shape of the two clients: small, honest, and able to fail at any call."""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from syncengine.clients.errors import Fatal, RecordRefused, Unanswered
from syncengine.clients.marketo import (
    Activity,
    ActivityResult,
    ChangePage,
    FieldChange,
    FieldResult,
    LeadField,
    LeadResult,
)
from syncengine.clients.salesforce import FieldDescribe, SaveError, SaveResult, SObjectDescribe
from syncengine.model import format_instant
from syncengine.systems import Systems

SYNC_USER = "005000000000001AAA"
SOMEBODY = "005000000000002AAA"


class Killed(BaseException):
    """The process died here: nothing in the engine may catch it."""


class Clock:
    """A clock that moves a second with every look of a system, and minutes when told."""

    def __init__(self):
        self.time = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def now(self):
        return self.time

    def tick(self, **spans):
        self.time += timedelta(**spans) if spans else timedelta(seconds=1)


@dataclass
class Calls:
    """Every call by name, and what is to go wrong: name or number of a call to an action run before or after it."""

    names: list = field(default_factory=list)
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)

    def run(self, name, effect):
        self.names.append(name)
        number = len(self.names)
        for key in (number, name):
            if key in self.before:
                self.before[key]()
        result = effect()
        for key in (number, name):
            if key in self.after:
                self.after[key]()
        return result


def text(name, *, length=255, **more):
    return FieldDescribe(name, name, "string", length, **more)


def fields(*described):
    return {each.name: each for each in described}


SYSTEM = fields(
    FieldDescribe("Id", "Id", "id", 18, createable=False, updateable=False),
    FieldDescribe("IsDeleted", "Deleted", "boolean", createable=False, updateable=False),
    FieldDescribe("CreatedDate", "Created Date", "datetime", createable=False, updateable=False),
    FieldDescribe("OwnerId", "Owner", "reference", 18),
)
LEAD = SYSTEM | fields(
    text("FirstName"),
    text("LastName", nillable=False),
    text("Company", nillable=False),
    text("Title", length=128),
    text("Rating"),
    text("Phone", length=40),
    FieldDescribe("Email", "Email", "email", 80),
    FieldDescribe("HasOptedOutOfEmail", "Email Opt Out", "boolean"),
    FieldDescribe("AnnualRevenue", "Annual Revenue", "currency", scale=0, precision=18),
    text("Region__c", custom=True),
    FieldDescribe("Tier__c", "Tier", "string", 40, custom=True, calculated=True, createable=False, updateable=False),
    FieldDescribe("IsConverted", "Converted", "boolean", createable=False, updateable=False),
    FieldDescribe("ConvertedDate", "Converted Date", "date", createable=False, updateable=False),
)
CONTACT = SYSTEM | fields(
    text("FirstName"),
    text("LastName", nillable=False),
    text("Title", length=128),
    text("Phone", length=40),
    FieldDescribe("Email", "Email", "email", 80),
    FieldDescribe("AccountId", "Account", "reference", 18),
    text("Region__c", custom=True),
)
ACCOUNT = SYSTEM | fields(text("Name"), text("Industry"))


def lead_field(name, kind="string", length=255, *, label=None, read_only=False):
    return LeadField(name, label or name, kind, length if kind == "string" else None, read_only, hash(name) % 997)


LEAD_FIELDS = {
    each.name: each
    for each in (
        *(lead_field(name) for name in ("firstName", "lastName", "company", "title", "rating", "phone", "industry")),
        lead_field("email", "email"),
        lead_field("unsubscribed", "boolean"),
        lead_field("annualRevenue", "currency"),
    )
}
NATIVE_FIELDS = {
    each.name: each
    for each in (
        *(lead_field(n, read_only=True) for n in ("sfdcLeadId", "sfdcContactId", "sfdcType", "sfdcAccountId")),
        lead_field("sfdcLeadOwnerId", read_only=True),
        lead_field("sfdcCreatedDate", "datetime", read_only=True),
        lead_field("sfdcIsDeleted", "boolean", read_only=True),
        lead_field("sfdcIsConverted", "boolean", read_only=True),
    )
}


class Salesforce:
    """An org: records by sobject, what the sync user may see, rules, and a value that a trigger sets."""

    def __init__(self, clock):
        self.clock = clock
        self.records = {"Lead": {}, "Contact": {}, "Account": {}}
        self.described = {"Lead": dict(LEAD), "Contact": dict(CONTACT), "Account": dict(ACCOUNT)}
        self.rules = []
        self.formulas = {"Lead": {"Tier__c": lambda row: "Gold" if row.get("Rating") == "Hot" else None}}
        self.watched = Calls()
        self.user_id = SYNC_USER
        self.count = 0
        self.assignments = []

    # For the test

    def add(self, sobject, *, by=SOMEBODY, **values):
        self.count += 1
        prefix = {"Lead": "00Q", "Contact": "003", "Account": "001"}[sobject]
        record_id = f"{prefix}{self.count:012}AAA"
        self.records[sobject][record_id] = {
            "Id": record_id,
            "IsDeleted": False,
            "IsConverted": False,
            "CreatedById": by,
            "CreatedDate": self._stamp(),
            "OwnerId": values.pop("OwnerId", by),
            "HasOptedOutOfEmail": False,
            **values,
        }
        self.touch(sobject, record_id, by=by)
        return record_id

    def set(self, sobject, record_id, *, by=SOMEBODY, **values):
        self.records[sobject][record_id] |= values
        self.touch(sobject, record_id, by=by)

    def touch(self, sobject, record_id, *, by=SOMEBODY):
        self.clock.tick()
        self.records[sobject][record_id] |= {"SystemModstamp": self._stamp(), "LastModifiedById": by}

    def get(self, sobject, record_id, name):
        return self.records[sobject][record_id].get(name)

    def hide(self, sobject, name):
        del self.described[sobject][name]

    def read_only(self, sobject, name):
        described = self.described[sobject]
        described[name] = replace(described[name], createable=False, updateable=False)

    def convert(self, lead_id, **contact):
        lead = self.records["Lead"][lead_id]
        kept = {name: lead[name] for name in ("FirstName", "LastName", "Email", "Phone", "Title") if name in lead}
        contact_id = self.add("Contact", **(kept | contact))
        self.set("Lead", lead_id, IsConverted=True, ConvertedContactId=contact_id, ConvertedDate="2026-01-05")
        return contact_id

    def _stamp(self):
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")

    # The client

    @property
    def calls(self):
        return len(self.watched.names)

    def now(self):
        return self.clock.now()

    def forget_describes(self):
        pass

    def describe(self, sobject):
        return self.watched.run(
            "describe",
            lambda: SObjectDescribe(sobject, createable=True, updateable=True, fields=dict(self.described[sobject])),
        )

    def query(self, soql, *, include_deleted=False):
        return iter(self.watched.run("query", lambda: self._query(soql, include_deleted=include_deleted)))

    def update(self, sobject, rows):
        return self.watched.run("update", lambda: [self._save(sobject, row) for row in rows])

    def create_one(self, sobject, row, *, assignment=None):
        self.assignments.append(assignment)
        return self.watched.run("create", lambda: self._insert(sobject, row))

    def _insert(self, sobject, row):
        missing = [name for name in ("LastName", "Company") if not row.get(name)]
        if missing:
            message = f"Required fields are missing: {missing}"
            return SaveResult(
                None, success=False, errors=(SaveError("REQUIRED_FIELD_MISSING", message, tuple(missing)),)
            )
        if errors := self._errors(sobject, row, row):
            return SaveResult(None, success=False, errors=errors)
        return SaveResult(self.add(sobject, by=SYNC_USER, **row), success=True, created=True)

    def _save(self, sobject, row):
        record = self.records[sobject].get(row["Id"])
        if record is None or record["IsDeleted"]:
            return SaveResult(None, success=False, errors=(SaveError("ENTITY_IS_DELETED", "entity is deleted"),))
        changes = {name: value for name, value in row.items() if name != "Id"}
        if errors := self._errors(sobject, changes, record | changes):
            return SaveResult(None, success=False, errors=errors)
        self.set(sobject, row["Id"], by=SYNC_USER, **changes)
        return SaveResult(row["Id"], success=True, created=False)

    def _errors(self, sobject, changes, after):
        described = self.described[sobject]
        closed = [name for name in changes if name not in described or not described[name].updateable]
        if closed:
            return (SaveError("INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields", tuple(closed)),)
        return tuple(error for rule in self.rules if (error := rule(sobject, after)))

    def _query(self, soql, *, include_deleted):
        shape = r"SELECT (.+?) FROM (\w+)(?: WHERE (.+?))?(?: ORDER BY ([\w, ]+?))?(?: LIMIT (\d+))?$"
        names, sobject, where, order, limit = re.match(shape, soql).groups()
        for name in names.split(", "):
            if name in LEAD and name not in self.described[sobject] and sobject == "Lead":
                raise RecordRefused("INVALID_FIELD", f"No such column '{name}' on entity '{sobject}'", [name])
        rows = [self._shown(sobject, row) for row in self.records[sobject].values()]
        rows = [row for row in rows if (include_deleted or not row["IsDeleted"]) and (not where or _true(where, row))]
        if order and order.startswith("SystemModstamp"):
            rows.sort(key=lambda row: (row["SystemModstamp"], row["Id"]))
        rows = rows[: int(limit)] if limit else rows
        return [_project(row, names.split(", ")) for row in rows]

    def _shown(self, sobject, row):
        shown = dict(row)
        for name, formula in self.formulas.get(sobject, {}).items():
            shown[name] = formula(row)
        if sobject == "Contact":
            shown["Account"] = self.records["Account"].get(row.get("AccountId") or "")
        return shown


def _project(row, names):
    shown = {}
    for name in names:
        parent, _, child = name.rpartition(".")
        if parent:
            above = row.get(parent)
            shown[parent] = above and {**(shown.get(parent) or {}), child: above.get(child)}
        else:
            shown[name] = row.get(name)
    return shown


_TOKEN = re.compile(r"\s*(\(|\)|>=|=|>|,|'(?:[^'\\]|\\.)*'|[\w.:+-]+)")


def _true(where, row):
    """Whether a row meets the conditions that the engine writes: comparisons, IN, AND, OR, brackets."""
    tokens = _TOKEN.findall(where)

    def alternatives():
        result = conjunction()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            other = conjunction()
            result = result or other
        return result

    def conjunction():
        result = comparison()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            other = comparison()
            result = result and other
        return result

    def comparison():
        if tokens[0] == "(":
            tokens.pop(0)
            result = alternatives()
            tokens.pop(0)
            return result
        name, operator = tokens.pop(0), tokens.pop(0)
        value = _field(row, name)
        if operator == "IN":
            tokens.pop(0)
            wanted = []
            while (token := tokens.pop(0)) != ")":
                if token != ",":
                    wanted.append(_literal(token))
            return value in wanted
        wanted = _literal(tokens.pop(0))
        if isinstance(wanted, datetime):
            value = datetime.fromisoformat(value) if value else None
        if operator == "=":
            return value == wanted
        return value is not None and (value >= wanted if operator == ">=" else value > wanted)

    return alternatives()


def _field(row, name):
    parent, _, child = name.rpartition(".")
    return (row.get(parent) or {}).get(child) if parent else row.get(child)


def _literal(token):
    if token.startswith("'"):
        return re.sub(r"\\(.)", r"\1", token[1:-1])
    known = {"true": True, "false": False, "null": None}
    return known[token] if token in known else datetime.fromisoformat(token)


class Marketo:
    """An instance: leads, their activities, and the fields that there are."""

    def __init__(self, clock, *, native=True):
        self.clock = clock
        self.connector = native
        self.fields = LEAD_FIELDS | (NATIVE_FIELDS if native else {})
        self.leads = {}
        self.count = 100
        self.log = []
        self.types = []
        self.watched = Calls()
        self.refuse = {}
        self.late = set()

    # For the test

    def add(self, **values):
        self.count += 1
        lead_id = self.count
        self.leads[lead_id] = {"id": lead_id, **values}
        self._record(lead_id, 12, {})
        return lead_id

    def set(self, lead_id, **values):
        lead = self.leads[lead_id]
        for name, value in values.items():
            if lead.get(name) != value:
                self._record(lead_id, 13, {}, (FieldChange(name, str(value), str(lead.get(name))),))
                lead[name] = value

    def delete(self, lead_id):
        self._record(lead_id, 37, {})
        del self.leads[lead_id]

    def activities_of(self, lead_id, *types):
        return [each for each in self.log if each.lead_id == lead_id and each.type_id in types]

    def _record(self, lead_id, type_id, attributes, changes=()):
        self.clock.tick()
        number = len(self.log) + 1
        self.log.append(
            Activity(str(number), number, lead_id, type_id, self.clock.now(), None, attributes, fields=changes)
        )

    # The client

    @property
    def calls(self):
        return len(self.watched.names)

    def now(self):
        return self.clock.now()

    def forget_describes(self):
        pass

    def describe(self):
        return self.watched.run("describe", lambda: dict(self.fields))

    def create_fields(self, fields):
        def make():
            results = []
            for each in fields:
                if each["dataType"] == "text" and not self.connector:
                    results.append(FieldResult(each["name"], "skipped", (("1003", "no text areas"),)))
                    continue
                self.fields[each["name"]] = lead_field(each["name"], each["dataType"], label=each["displayName"])
                results.append(FieldResult(each["name"], "created"))
            return results

        return self.watched.run("create_fields", make)

    def leads_by_filter(self, filter_type, values, fields):
        def read():
            return [
                {name: self._shown(lead, name) for name in fields}
                for lead in self.leads.values()
                if str(lead.get(filter_type)) in set(values)
            ]

        return self.watched.run("read", read)

    def _shown(self, lead, name):
        value = lead.get(name)
        if name in self.fields and self.fields[name].type == "boolean":
            return bool(value)
        return value

    def sync_leads(self, rows, *, action, lookup_field):
        return self.watched.run("write", lambda: [self._sync(dict(row), action, lookup_field) for row in rows])

    def _sync(self, row, action, lookup_field):
        for name, value in row.items():
            if name != "id" and name not in self.fields:
                return LeadResult(None, "skipped", (("1006", f"Field '{name}' not found"),))
            if self.refuse.get(name) == value and value is not None:
                return LeadResult(None, "skipped", (("1003", f"Invalid value for field '{name}' and value '{value}'"),))
        matches = [lead["id"] for lead in self.leads.values() if lead.get(lookup_field) == row[lookup_field]]
        if matches:
            row.pop("id", None)
            self.set(matches[0], **row)
            return LeadResult(matches[0], "updated")
        if action == "updateOnly":
            return LeadResult(None, "skipped", (("1004", "Lead not found"),))
        return LeadResult(self.add(**row), "created")

    def paging_token(self, since):
        return self.watched.run("token", lambda: str(sum(each.date < since for each in self.log)))

    def lead_changes(self, token, fields):
        def wanted(each):
            return each.type_id == 12 or (each.type_id == 13 and any(change.name in fields for change in each.fields))

        return self.watched.run("changes", lambda: self._page(token, wanted))

    def deleted_leads(self, token):
        return self.watched.run("deleted", lambda: self._page(token, lambda each: each.type_id == 37))

    def activities(self, token, type_ids, lead_ids=()):
        return self.watched.run(
            "activities",
            lambda: self._page(token, lambda each: each.type_id in type_ids and each.lead_id in lead_ids),
        )

    def _page(self, token, wanted):
        found = [each for each in self.log[int(token) :] if wanted(each) and each.guid not in self.late]
        return ChangePage(tuple(found), str(len(self.log)), more=False)

    def custom_activity_types(self):
        return self.watched.run("types", lambda: list(self.types))

    def create_custom_activity_type(self, spec):
        def make():
            self.types.append({"id": 100001, "apiName": spec["apiName"], "status": "draft"})
            return self.types[-1]

        return self.watched.run("create_type", make)

    def create_custom_activity_attributes(self, api_name, attributes):
        return self.watched.run("create_attributes", lambda: {"apiName": api_name, "attributes": attributes})

    def approve_custom_activity_type(self, api_name):
        def approve():
            kind = next(kind for kind in self.types if kind["apiName"] == api_name)
            kind["status"] = "approved"
            return kind

        return self.watched.run("approve", approve)

    def add_activities(self, rows):
        def add():
            for row in rows:
                given = {item.get("name") or item["apiName"]: item["value"] for item in row["attributes"]}
                shown = {"fingerprint": "Fingerprint", "summary": "Summary"}
                self._record(
                    row["leadId"], row["activityTypeId"], {shown.get(name, name): v for name, v in given.items()}
                )
            return [ActivityResult(str(len(self.log)), "added") for _ in rows]

        return self.watched.run("add_activities", add)


class Pair:
    """Both systems of a test, and their clock."""

    def __init__(self, *, native=True):
        self.clock = Clock()
        self.salesforce = Salesforce(self.clock)
        self.marketo = Marketo(self.clock, native=native)
        self.systems = Systems(self.salesforce, self.marketo)

    def person_of(self, record_id):
        """The one person that carries a record's id."""
        names = ("sfdcContactId", "sfdcLeadId", "syncrigSfdcId")
        found = [lead for lead in self.marketo.leads.values() if record_id in {lead.get(name) for name in names}]
        assert len(found) == 1, f"{len(found)} persons carry {record_id}"
        return found[0]

    def contents(self):
        """What both sides hold, without ids and times: two worlds with the same contents ended alike."""
        records = sorted(
            str(sorted((k, str(v)) for k, v in row.items() if k not in _VOLATILE))
            for rows in self.salesforce.records.values()
            for row in rows.values()
        )
        leads = sorted(
            str(sorted((k, str(v)) for k, v in lead.items() if k not in _VOLATILE and v is not None))
            for lead in self.marketo.leads.values()
        )
        entries = sorted(
            f"{each.type_id} {each.attributes.get('Error', each.attributes.get('summary', ''))}"
            for each in self.marketo.log
            if each.type_id not in {12, 13}
        )
        return records, leads, entries


_VOLATILE = {
    "Id", "id", "SystemModstamp", "CreatedDate", "sfdcLeadId", "sfdcContactId", "sfdcCreatedDate", "ConvertedContactId",
    "syncrigSfdcId", "AccountId", "sfdcAccountId",
}  # fmt: skip


def unanswered():
    raise Unanswered("no answer came", uncertain=1)


def killed():
    raise Killed


def out_of_order():
    raise Fatal("nothing goes")


def rule(field_name, message, *, when):
    """A validation rule: refuses a record for which ``when`` holds."""
    return lambda _sobject, row: (
        SaveError("FIELD_CUSTOM_VALIDATION_EXCEPTION", message, (field_name,)) if when(row) else None
    )


__all__ = ["Killed", "Marketo", "Pair", "Salesforce", "format_instant"]
