"""Saving records: the one road that every API, every scenario and the console take to change data.

:meth:`Records._save` is Salesforce's order of execution, from top to bottom.
Source: Apex Developer Guide, "Triggers and Order of Execution"; REST API Developer Guide, "sObject Rows".
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fakes.salesforce import ids, values
from fakes.salesforce.access import CannotPermit, check_permission
from fakes.salesforce.errors import (
    AllOrNoneRolledBack,
    CannotInsertUpdate,
    CannotUpdateConvertedLead,
    CircularDependency,
    DeleteFailed,
    DuplicateExternalId,
    DuplicateUsername,
    DuplicateValue,
    EntityIsDeleted,
    FieldIntegrity,
    FieldNotEditable,
    IdInInsert,
    InactiveOwner,
    InsufficientAccess,
    InsufficientAccessOnCrossReference,
    InvalidCrossReferenceKey,
    InvalidField,
    InvalidType,
    JsonParserError,
    MalformedId,
    MissingArgument,
    NotFound,
    RecordToChangeMissing,
    RequiredFieldMissing,
    SalesforceError,
    refuse_all,
)
from fakes.salesforce.schema import COMPOUND_TYPES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fakes.kit.clock import Clock
    from fakes.salesforce.ids import IdSequence
    from fakes.salesforce.org import User
    from fakes.salesforce.schema import Field, Schema, SObject
    from fakes.salesforce.store import Row, Store
    from fakes.salesforce.validation import Formulas

NO_SUCH_FIELD = (
    "No such column '{column}' on entity '{sobject}'. If you are attempting to use a custom field, be sure to "
    "append the '__c' after the custom field name. Please reference your WSDL or the describe call for the "
    "appropriate names."
)


@dataclass
class Save:
    """One record on its way into the database: what a hook may look at and change.

    ``row`` are kept values (see :mod:`fakes.salesforce.values`); ``before`` is None when the record is new.
    """

    sobject: SObject
    row: Row
    before: Row | None
    by: User

    @property
    def is_new(self) -> bool:
        """The record is being inserted."""
        return self.before is None

    def changed(self, name: str) -> bool:
        """Whether the field leaves its value with this save; on insert, whether it has one."""
        old = None if self.before is None else self.before.get(name)
        return bool(self.row.get(name) != old)


@dataclass
class Hooks:
    """Python in place of Apex triggers and record-triggered flows, by sobject.

    ``before_save`` may change ``row`` or raise; ``after_save`` may change it too, like a workflow field update: what
    it changes is saved without asking the validation rules again.
    """

    before_save: dict[str, list[Callable[[Save], None]]] = field(default_factory=lambda: defaultdict(list))
    after_save: dict[str, list[Callable[[Save], None]]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True)
class Operation:
    """One record of a collection: what to do with it.

    ``key_field`` and ``key`` name the record: its Id for update and delete, any upsert key for upsert.
    """

    kind: Literal["create", "update", "upsert", "delete"]
    sobject: str
    values: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    key_field: str = "Id"


@dataclass(frozen=True)
class SaveResult:
    """What became of one record of a collection."""

    id: str | None
    created: bool = False
    errors: tuple[SalesforceError, ...] = ()

    @property
    def success(self) -> bool:
        """The record was saved."""
        return not self.errors


@dataclass
class Given:
    """What a caller sent for one record, read against the schema and the caller's access."""

    values: Row = field(default_factory=dict)
    parents: list[tuple[Field, SObject, Field, Any]] = field(default_factory=list)
    """Lookups given by a parent's external id: lookup, parent's type, its key field, the key."""
    not_editable: list[str] = field(default_factory=list)
    malformed: list[SalesforceError] = field(default_factory=list)


class _Plan:
    """What a save has to know of an sobject, worked out once and kept while the schema holds that very sobject."""

    def __init__(self, sobject: SObject) -> None:
        stored = sobject.stored_fields
        self.sobject = sobject
        self.defaults: Row = {each.name: _default(each) for each in stored}
        self.default_formulas = tuple(each for each in stored if each.default_value_formula is not None)
        self.required = tuple(
            each.name for each in stored if not each.nillable and each.createable and each.type != "id"
        )
        # Usernames are unique though no describe says so.
        self.unique = tuple(each for each in stored if each.unique or each.name == "Username")
        self.auto_numbers = tuple(each for each in stored if each.auto_number)
        self.names_people = sobject_names_people(sobject)


class Records:
    """The records of one org: create, read, update, upsert, delete, alone or many at once."""

    def __init__(
        self,
        *,
        schema: Schema,
        store: Store,
        formulas: Formulas,
        clock: Clock,
        ids: IdSequence,
    ) -> None:
        self.hooks = Hooks()
        self.saved: list[Callable[[str, str], None]] = []
        """Told sobject and id of every record that was created, changed or deleted."""
        self._schema = schema
        self._store = store
        self._formulas = formulas
        self._clock = clock
        self._ids = ids
        self._plans: dict[str, _Plan] = {}

    # -- one record -----------------------------------------------------------------------------------------

    def create(self, sobject: str, values: Mapping[str, Any], *, by: User) -> str:
        """Save a new record and answer its 18 character id.

        Raises:
            SalesforceError: the record was refused; nothing was saved.

        """
        described = self._type(sobject, by)
        given = self._read(described, values, by, creating=True)
        with self._store.database.transaction():
            return self._create(described, given, by)

    def update(self, sobject: str, record_id: str, changes: Mapping[str, Any], *, by: User) -> None:
        """Save changes of a record.

        Raises:
            SalesforceError: the changes were refused; nothing was saved.

        """
        described = self._type(sobject, by)
        for name in changes:
            if name.lower() == "id":
                raise InvalidField("The Id field should not be specified in the sobject data.")
        given = self._read(described, changes, by, creating=False)
        with self._store.database.transaction():
            self._update(described, self._id_in_path(record_id), given, by)

    def upsert(
        self,
        sobject: str,
        key_field: str,
        key: str,
        values: Mapping[str, Any],
        *,
        by: User,
        update_only: bool = False,
    ) -> tuple[str, bool]:
        """Update the one record that has the key, or create one with it; answers the id and whether it is new.

        Raises:
            DuplicateExternalId: several records have the key; nothing was saved.
            SalesforceError: anything else that refuses the record.

        """
        described = self._type(sobject, by)
        found = self._key_field(described, key_field, by)
        for name in values:
            if name.lower() == found.name.lower():
                raise InvalidField(f"The {found.name} field should not be specified in the sobject data.")
        with self._store.database.transaction():
            return self._upsert(described, found, key, values, by, update_only=update_only)

    def delete(self, sobject: str, record_id: str, *, by: User) -> None:
        """Put a record into the recycle bin, with the children that go with it.

        Raises:
            SalesforceError: it is not there, or may not be deleted.

        """
        described = self._type(sobject, by)
        with self._store.database.transaction():
            self._delete(described, self._id_in_path(record_id), by)

    def read(
        self,
        sobject: str,
        record_id: str,
        fields: Sequence[str] | None = None,
        *,
        by: User,
        version: str = "67.0",
    ) -> dict[str, Any]:
        """A record as the REST API shows it; without ``fields`` every field that the user sees.

        Raises:
            SalesforceError: it is not there, or a field of ``fields`` is not there for this user.

        """
        described = self._type(sobject, by)
        row = self._readable_row(described, record_id)
        return self._as_json(described, row, fields, by, version)

    def find_by_key(self, sobject: str, key_field: str, key: str, *, by: User) -> str:
        """The id of the one record with an external id or another upsert key.

        Raises:
            NotFound: there is none.
            DuplicateExternalId: there are several.

        """
        described = self._type(sobject, by)
        row = self._row_by_key(described, self._key_field(described, key_field, by), key)
        if row is None:
            raise NotFound
        return str(row["Id"])

    def retrieve(
        self, sobject: str, record_ids: Sequence[str], fields: Sequence[str], *, by: User, version: str
    ) -> list[dict[str, Any] | None]:
        """Several records in the order asked for; None for those that are not there."""
        described = self._type(sobject, by)
        wanted = [ids.canonical(record_id) for record_id in record_ids]
        rows = self._store.get_many(described, [each for each in wanted if each is not None])
        return [self._as_json(described, rows[each], fields, by, version) if each in rows else None for each in wanted]

    # -- many records ---------------------------------------------------------------------------------------

    def save(self, operations: Sequence[Operation], *, by: User, all_or_none: bool = False) -> list[SaveResult]:
        """Do many things, each on its own or all or none of them; a result for each, in order.

        Raises:
            SalesforceError: the call as a whole cannot be read: a type, a column or a JSON value that does not
                exist aborts a collection, it is not one record's error.

        """
        read = [self._read_operation(operation, index, by) for index, operation in enumerate(operations)]
        results: list[SaveResult] = []
        try:
            with self._store.database.transaction():
                for operation, given in zip(operations, read, strict=True):
                    results.append(self._one_of_many(operation, given, by))
                if all_or_none and not all(result.success for result in results):
                    raise _RolledBack  # noqa: TRY301 - leaving the block is what rolls back
        except _RolledBack:
            rolled_back = SaveResult(None, errors=(AllOrNoneRolledBack(None, []),))
            return [rolled_back if result.success else result for result in results]
        return results

    def _read_operation(
        self, operation: Operation, index: int, by: User
    ) -> tuple[SObject, Given] | SalesforceError | None:
        """What one record of a collection brings, or the error that is this record's own."""
        if operation.kind == "delete":
            return None
        described = self._schema.get(operation.sobject)
        if described is None or not by.access.object(described.name).read:
            raise InvalidType(f"sObject type '{operation.sobject}' is not supported.")
        try:
            creating = operation.kind == "create"
            return described, self._read(described, operation.values, by, creating=creating)
        except values.NotOfType as error:
            error.index = index
            raise
        except (InvalidField, JsonParserError):
            raise
        except SalesforceError as error:
            return error

    def _one_of_many(
        self, operation: Operation, read: tuple[SObject, Given] | SalesforceError | None, by: User
    ) -> SaveResult:
        if isinstance(read, SalesforceError):
            return SaveResult(None, errors=read.errors)
        try:
            with self._store.database.transaction():
                if read is None:
                    described, record_id = self._deletable(operation.key or "")
                    self._delete(described, record_id, by)
                    return SaveResult(record_id)
                described, given = read
                if operation.kind == "create":
                    return SaveResult(self._create(described, given, by), created=True)
                if operation.kind == "update":
                    record_id = self._id_in_body(operation.key)
                    self._update(described, record_id, given, by)
                    return SaveResult(record_id)
                key_field = self._key_field(described, operation.key_field, by)
                saved = self._upsert(described, key_field, operation.key, operation.values, by)
                return SaveResult(*saved)
        except SalesforceError as error:
            return SaveResult(None, errors=error.errors)

    # -- the order of execution -------------------------------------------------------------------------------

    def _create(self, sobject: SObject, given: Given, by: User) -> str:
        if not (by.access.object(sobject.name).create and sobject.createable):
            raise CannotInsertUpdate(f"entity type cannot be inserted: {sobject.label}", [])
        return self._save(Save(sobject, self._defaults(sobject, by), None, by), given)

    def _update(self, sobject: SObject, record_id: str, given: Given, by: User) -> None:
        if not (by.access.object(sobject.name).edit and sobject.updateable):
            raise CannotInsertUpdate(f"entity type cannot be updated: {sobject.label}", [])
        before = self._row_to_change(sobject, record_id)
        if before.get("IsConverted") and sobject.name == "Lead":
            raise CannotUpdateConvertedLead(None, [])
        self._save(Save(sobject, dict(before), before, by), given)

    def _save(self, save: Save, given: Given) -> str:
        """The order of execution.  ``save.row`` holds the stored row, or the defaults of a new one (step 1)."""
        sobject, row = save.sobject, save.row
        # 2. What was sent is laid over it; names and types were read already, now the rest of the API's checks.
        if given.not_editable:
            raise FieldNotEditable(given.not_editable)
        refuse_all(given.malformed)
        sent = given.values | self._lookups_by_external_id(given)
        row.update(sent)
        self._check_foreign_keys(save, sent)
        refuse_all(_problems(sobject, sent, values.length_problem))
        # 3, 4. Flows and triggers before the save; the platform's own fields follow what they set.
        for hook in self.hooks.before_save.get(sobject.name, ()):
            hook(save)
        self._follow(save)
        # 5. The system's own validation, then every custom rule: all that fail are reported.
        self._check_required(save)
        before = save.before or {}
        changed = {name: value for name, value in row.items() if value != before.get(name)}
        refuse_all(
            _problems(sobject, changed, values.length_problem) or _problems(sobject, changed, values.format_problem)
        )
        refuse_all(self._formulas.failing_rules(sobject, row, save.before, save.by))
        # 6. Duplicate rules would stand here: an org of ours has none.
        # 7. The row is saved; unique values are looked for now, when every other row can be seen.
        self._check_unique(save)
        self._check_membership(save)
        self._check_security_row(save)
        record_id = self._write(save)
        # 8 to 13. Triggers and flows after the save, field updates: validation rules are not asked again.
        after_hooks = self.hooks.after_save.get(sobject.name, ())
        if after_hooks:
            kept_row = dict(row)
            for hook in after_hooks:
                hook(save)
            self._follow(save)
            updates = {name: value for name, value in row.items() if value != kept_row.get(name)}
            refuse_all(_problems(sobject, updates, values.length_problem))
            self._store.update(sobject, record_id, updates)
        for told in self.saved:
            told(sobject.name, record_id)
        return record_id

    def _defaults(self, sobject: SObject, by: User) -> Row:
        """Step 1: a new row with the defaults of its fields; the caller owns it."""
        plan = self._plan(sobject)
        row = dict(plan.defaults)
        for each in plan.default_formulas:
            row[each.name] = self._formulas.default(sobject, each, by)
        if "OwnerId" in sobject.fields:
            row["OwnerId"] = by.id
        return row

    def _plan(self, sobject: SObject) -> _Plan:
        plan = self._plans.get(sobject.name)
        if plan is None or plan.sobject is not sobject:
            plan = self._plans[sobject.name] = _Plan(sobject)
        return plan

    def _follow(self, save: Save) -> None:
        """Fields that the platform itself derives from others."""
        row = save.row
        if self._plan(save.sobject).names_people:
            row["Name"] = " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part) or None
        if save.sobject.name == "Lead" and save.changed("OwnerId"):
            row["LastTransferDate"] = self._clock.now().date().isoformat()
        if save.sobject.name == "Opportunity":
            self._follow_stage(save)
        if save.sobject.name == "Task" and save.changed("Status"):
            self._follow_status(save)

    def _follow_status(self, save: Save) -> None:
        """A task is closed when its status is one that closes."""
        statuses = self._schema.get("TaskStatus")
        if statuses is None:
            return
        found = self._store.find(statuses, "MasterLabel", save.row.get("Status"), limit=1)
        closed = int(bool(found and found[0].get("IsClosed")))
        save.row["IsClosed"] = closed
        if "CompletedDateTime" in save.sobject.fields:
            save.row["CompletedDateTime"] = values.stamp(self._clock.now()) if closed else None

    def _follow_stage(self, save: Save) -> None:
        """Probability and forecast category come from the stage, unless this save says otherwise."""
        row, stages = save.row, self._schema.get("OpportunityStage")
        if stages is None:
            return
        if save.changed("StageName") and row.get("StageName") is not None:
            found = self._store.find(stages, "MasterLabel", row["StageName"], limit=1)
            if found:
                stage = found[0]
                row["IsClosed"], row["IsWon"] = stage.get("IsClosed"), stage.get("IsWon")
                if not save.changed("Probability"):
                    row["Probability"] = stage.get("DefaultProbability")
                if not save.changed("ForecastCategoryName"):
                    row["ForecastCategoryName"] = stage.get("ForecastCategoryName")
        if "ExpectedRevenue" in save.sobject.fields:
            amount, probability = row.get("Amount"), row.get("Probability")
            row["ExpectedRevenue"] = None if amount is None or probability is None else amount * probability / 100

    def _check_required(self, save: Save) -> None:
        row = save.row
        if "OwnerId" in save.sobject.fields and row.get("OwnerId") is None:
            raise InvalidCrossReferenceKey("Owner ID: owner cannot be blank", ["OwnerId"])
        missing = [name for name in self._plan(save.sobject).required if row.get(name) is None]
        if missing:
            raise RequiredFieldMissing(missing)

    def _check_foreign_keys(self, save: Save, sent: Row) -> None:
        for name, target_id in sent.items():
            lookup = save.sobject.fields[name]
            if lookup.type != "reference" or target_id is None:
                continue
            if save.before is not None and save.before.get(name) == target_id:
                continue
            self._check_foreign_key(save, lookup, target_id)

    def _check_foreign_key(self, save: Save, lookup: Field, target_id: str) -> None:
        target = self._schema.by_key_prefix(target_id[:3])
        if target is not None and target.name not in lookup.reference_to:
            raise FieldIntegrity(f"{lookup.label}: id value of incorrect type: {target_id}", [lookup.name])
        there = target is not None and self._store.is_deleted(target, target_id) is False
        if target is None or not there or not save.by.access.object(target.name).read:
            if lookup.name in {"OwnerId", "RecordTypeId"}:
                raise InvalidCrossReferenceKey(None, [])
            raise InsufficientAccessOnCrossReference(
                f"insufficient access rights on cross-reference id: {target_id[:15]}", []
            )
        if lookup.name == "OwnerId" and target.name == "User":
            owner = self._store.get(target, target_id) or {}
            if not owner.get("IsActive"):
                raise InactiveOwner(
                    f"operation performed with inactive user [{target_id[:15]}] as owner of "
                    f"{save.sobject.label.lower()}",
                    [],
                )
        if save.before is not None and target is save.sobject:
            self._check_cycle(save, lookup, target_id)

    def _check_cycle(self, save: Save, lookup: Field, ancestor_id: str | None) -> None:
        """No record may be its own ancestor."""
        own_id = save.row["Id"]
        seen = set()
        while ancestor_id is not None and ancestor_id not in seen:
            if ancestor_id == own_id:
                raise CircularDependency(None, [])
            seen.add(ancestor_id)
            ancestor_id = (self._store.get(save.sobject, ancestor_id) or {}).get(lookup.name)

    def _check_unique(self, save: Save) -> None:
        for each in self._plan(save.sobject).unique:
            value = save.row.get(each.name)
            if value is None or not save.changed(each.name):
                continue
            for other in self._store.find(save.sobject, each.name, value, limit=2):
                if other["Id"] == save.row.get("Id"):
                    continue
                if (save.sobject.name, each.name) == ("User", "Username"):
                    raise DuplicateUsername(None, ["Username"])
                raise DuplicateValue(
                    f"duplicate value found: {each.name} duplicates value on record with id: {other['Id'][:15]}",
                    [],
                )

    def _check_membership(self, save: Save) -> None:
        """A person is a member of a campaign once."""
        if save.sobject.name != "CampaignMember" or not save.is_new:
            return
        row = save.row
        for name in ("LeadId", "ContactId"):
            person = row.get(name)
            if person is None:
                continue
            for other in self._store.find(save.sobject, name, person):
                if other["CampaignId"] == row.get("CampaignId"):
                    raise DuplicateValue("Already a campaign member.", [])

    def _check_security_row(self, save: Save) -> None:
        """A FieldPermissions row may only say what field-level security can do."""
        if save.sobject.name != "FieldPermissions":
            return
        row = save.row
        sobject_name, _, field_name = str(row.get("Field")).partition(".")
        sobject = self._schema.get(sobject_name)
        found = None if sobject is None else sobject.field(field_name)
        if sobject is None or found is None:
            raise FieldIntegrity(f"Field Name: bad value for restricted picklist field: {row.get('Field')}", ["Field"])
        row["Field"], row["SobjectType"] = f"{sobject.name}.{found.name}", sobject.name
        if row.get("PermissionsEdit"):
            row["PermissionsRead"] = 1
        try:
            check_permission(sobject, found, "edit" if row.get("PermissionsEdit") else "read")
        except CannotPermit as problem:
            raise FieldIntegrity(str(problem), ["Field"]) from None

    def _write(self, save: Save) -> str:
        """Step 7: system fields, and the row into the database."""
        sobject, row, now = save.sobject, save.row, values.stamp(self._clock.now())
        fields = sobject.fields
        system: Row = {"LastModifiedDate": now, "LastModifiedById": save.by.id, "SystemModstamp": now}
        if save.before is not None:
            row.update((name, value) for name, value in system.items() if name in fields)
            changes = {name: value for name, value in row.items() if value != save.before.get(name)}
            self._store.update(sobject, row["Id"], changes)
            return str(row["Id"])
        record_id = self._ids.next(sobject.key_prefix or "000")
        system |= {"Id": record_id, "CreatedDate": now, "CreatedById": save.by.id, "IsDeleted": 0}
        row.update((name, value) for name, value in system.items() if name in fields)
        for each in self._plan(sobject).auto_numbers:
            row[each.name] = self._auto_number(sobject, each)
        if row.get("Name") is None and "Name" in fields and sobject.custom:
            row["Name"] = record_id[:15]
        if "PhotoUrl" in fields:
            row["PhotoUrl"] = f"/services/images/photo/{record_id}"
        if sobject.name == "Lead" and row.get("OwnerId") != save.by.id:
            row["IsUnreadByOwner"] = 1
        self._store.insert(sobject, row)
        return record_id

    def _auto_number(self, sobject: SObject, each: Field) -> str:
        number = each.starting_number - 1 + self._ids.number(f"{sobject.name}.{each.name}")
        start, brace, rest = (each.display_format or "{0}").partition("{")
        digits, _, end = rest.partition("}")
        return f"{start}{number:0{len(digits)}d}{end}" if brace else f"{start}{number}"

    def _upsert(
        self,
        sobject: SObject,
        key_field: Field,
        key: str | None,
        body: Mapping[str, Any],
        by: User,
        *,
        update_only: bool = False,
    ) -> tuple[str, bool]:
        row = None if key is None else self._row_by_key(sobject, key_field, key)
        if row is not None:
            self._update(sobject, row["Id"], self._read(sobject, body, by, creating=False), by)
            return str(row["Id"]), False
        if update_only:
            raise NotFound
        if key_field.type == "id":
            if key:
                raise RecordToChangeMissing
            return self._create(sobject, self._read(sobject, body, by, creating=True), by), True
        given = self._read(sobject, {**body, key_field.name: key}, by, creating=True)
        return self._create(sobject, given, by), True

    def _delete(self, sobject: SObject, record_id: str, by: User) -> None:
        row = self._row_to_change(sobject, record_id)
        if not (by.access.object(sobject.name).delete and sobject.deletable):
            raise InsufficientAccess(None, [])
        self._bin(sobject, row, by)

    def _bin(self, sobject: SObject, row: Row, by: User) -> None:
        """Mark a record deleted; its children go with it, stop it, or lose their parent."""
        now = values.stamp(self._clock.now())
        children = [
            (self._schema[relation.child], relation, child)
            for relation in self._schema.child_relationships(sobject.name)
            if (lookup := self._schema[relation.child].field(relation.field)) is not None and lookup.stored
            for child in self._store.find(self._schema[relation.child], relation.field, row["Id"])
        ]
        restricting = [child for child in children if child[1].restricted_delete]
        if restricting:
            kind = restricting[0][0]
            raise DeleteFailed(
                f"Your attempt to delete {row.get('Name') or row['Id']} could not be completed because it is "
                f"associated with the following {kind.label_plural.lower()}.: "
                f"{', '.join(str(child[2].get('Name') or child[2]['Id']) for child in restricting)}",
                [],
            )
        if sobject.undeletable or "IsDeleted" in sobject.fields:
            marks: Row = {
                "IsDeleted": 1,
                "LastModifiedDate": now,
                "LastModifiedById": by.id,
                "SystemModstamp": now,
            }
            known = {name: value for name, value in marks.items() if name in sobject.fields or name == "IsDeleted"}
            self._store.update(sobject, row["Id"], known)
        else:
            self._store.remove(sobject, [row["Id"]])
        for kind, relation, child in children:
            if relation.cascade_delete:
                self._bin(kind, child, by)
            elif kind.fields[relation.field].nillable:
                # Clearing a lookup is the system's change: it moves SystemModstamp and not LastModifiedDate.
                changes = {relation.field: None} | ({"SystemModstamp": now} if "SystemModstamp" in kind.fields else {})
                self._store.update(kind, child["Id"], changes)
                self._tell(kind.name, child["Id"])
        self._tell(sobject.name, row["Id"])

    def _tell(self, sobject: str, record_id: str) -> None:
        for told in self.saved:
            told(sobject, record_id)

    # -- reading what was sent ----------------------------------------------------------------------------------

    def _type(self, name: str, by: User) -> SObject:
        """The sobject of a name in an address; one that the user may not read does not exist for them."""
        sobject = self._schema.get(name)
        if sobject is None or not by.access.object(sobject.name).read:
            raise NotFound
        return sobject

    def _read(self, sobject: SObject, sent: Mapping[str, Any], by: User, *, creating: bool) -> Given:
        """What was sent, by field: names and JSON types are checked, what may not be written is noted.

        A field that the user does not see is as unknown as one that is not there.
        """
        given = Given()
        access = by.access
        may_write = access.can_create if creating else access.can_update
        readable = access.readable(sobject.name)
        for key, value in sent.items():
            found = sobject.field(key)
            if found is None or found.name not in readable:
                if key.lower() == "attributes":
                    continue
                lookup = sobject.relationship(key)
                if lookup is None or lookup.name not in readable:
                    raise InvalidField.no_such_column(key, sobject.name)
                self._read_parent(given, sobject, lookup, key, value, by)
                found = lookup
            elif found.type == "id":
                if creating:
                    raise IdInInsert
                continue
            elif found.type in COMPOUND_TYPES:
                given.not_editable.append(found.name)
                continue
            else:
                try:
                    given.values[found.name] = values.from_json(found, value, key)
                except MalformedId as error:
                    given.malformed.append(error)
            if not may_write(sobject.name, found.name):
                given.not_editable.append(found.name)
        both = next((lookup for lookup, *_ in given.parents if lookup.name in given.values), None)
        if both is not None:
            raise InvalidField(
                f"Cannot specify both an external ID reference {both.relationship_name} and a salesforce id, "
                f"{both.name}",
                [],
            )
        return given

    def _read_parent(self, given: Given, sobject: SObject, lookup: Field, key: str, value: Any, by: User) -> None:
        """A parent given by its external id: ``"Account": {"Ext__c": "A1"}``."""
        if value is None:
            given.values[lookup.name] = None
            return
        if not isinstance(value, dict):
            raise JsonParserError(
                f"Cannot deserialize instance of sobject {sobject.name} from {key} value {value} "
                "or request may be missing a required field"
            )
        attributes = value.get("attributes")
        named = attributes.get("type") if isinstance(attributes, dict) else None
        target = self._schema.get(str(named or lookup.reference_to[0]))
        keys = [name for name in value if name.lower() != "attributes"]
        if target is None or target.name not in lookup.reference_to or len(keys) != 1:
            raise InvalidField(f"The external foreign key reference does not reference a valid entity: {key}", [])
        found = target.field(keys[0])
        if found is None or not by.access.can_read(target.name, found.name) or not _is_key(found):
            raise InvalidField.no_such_column(keys[0], target.name)
        given.parents.append((lookup, target, found, values.from_json(found, value[keys[0]], keys[0])))

    def _lookups_by_external_id(self, given: Given) -> Row:
        resolved: Row = {}
        for lookup, target, key_field, key in given.parents:
            rows = [] if key is None else self._store.find(target, key_field.name, key, limit=2)
            if not rows:
                raise InvalidField(
                    f"Foreign key external ID: {str(key).lower()} not found for field {key_field.name} in entity "
                    f"{target.name}",
                    [],
                )
            if len(rows) > 1:
                raise DuplicateExternalId(key_field.name, target.name, [row["Id"] for row in rows])
            resolved[lookup.name] = rows[0]["Id"]
        return resolved

    # -- finding records ------------------------------------------------------------------------------------------

    @staticmethod
    def _id_in_path(text: str) -> str:
        """The id in an address.  A segment that has no id's form is read as the name of an external id field."""
        found = ids.canonical(text)
        if found is None:
            if ids.looks_like_id(text):
                raise NotFound
            raise NotFound(f"Provided external ID field does not exist or is not accessible: {text}")
        return found

    @staticmethod
    def _id_in_body(text: str | None) -> str:
        if not text:
            raise MissingArgument("Id not specified in an update call", ["Id"])
        found = ids.canonical(text)
        if found is None:
            raise MalformedId(f"malformed id {text}", ["Id"])
        return found

    def _deletable(self, text: str) -> tuple[SObject, str]:
        record_id = ids.canonical(text)
        if record_id is None:
            raise MalformedId(f"malformed id {text}", [])
        sobject = self._schema.by_key_prefix(record_id[:3])
        if sobject is None:
            raise InvalidCrossReferenceKey(None, [])
        return sobject, record_id

    def _readable_row(self, sobject: SObject, record_id: str) -> Row:
        row = self._store.get(sobject, self._id_in_path(record_id))
        if row is None:
            raise NotFound
        if row["IsDeleted"]:
            raise EntityIsDeleted
        return row

    def _row_to_change(self, sobject: SObject, record_id: str) -> Row:
        row = self._store.get(sobject, record_id)
        if row is not None:
            if row["IsDeleted"]:
                raise EntityIsDeleted
            return row
        other = self._schema.by_key_prefix(record_id[:3])
        if other is not None and other is not sobject and self._store.is_deleted(other, record_id) is False:
            raise MalformedId(f"{sobject.label} ID: id value of incorrect type: {record_id}", ["Id"])
        raise RecordToChangeMissing

    def _key_field(self, sobject: SObject, name: str, by: User) -> Field:
        """The field that an upsert matches on: an external id, or another field the vendor marks ``idLookup``."""
        found = sobject.field(name)
        if found is None or not _is_key(found) or not by.access.can_read(sobject.name, found.name):
            raise NotFound(f"Provided external ID field does not exist or is not accessible: {name}")
        return found

    def _row_by_key(self, sobject: SObject, key_field: Field, key: str) -> Row | None:
        value = values.from_json(key_field, key)
        if value is None:
            return None
        if key_field.type == "id":
            row = self._store.get(sobject, value)
            if row is not None and row["IsDeleted"]:
                raise EntityIsDeleted
            return row
        rows = self._store.find(sobject, key_field.name, value)
        if len(rows) > 1:
            raise DuplicateExternalId(key_field.name, sobject.name, [row["Id"] for row in rows])
        return rows[0] if rows else None

    # -- giving records back ----------------------------------------------------------------------------------------

    def _as_json(
        self, sobject: SObject, row: Row, fields: Sequence[str] | None, by: User, version: str
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {"attributes": attributes_of(sobject.name, row["Id"], version)}
        if fields is None:
            readable = by.access.readable(sobject.name)
            for each in sobject.fields.values():
                if each.name in readable:
                    answer[each.name] = self._value(sobject, each, row, by)
            return answer
        for path in fields:
            self._add(answer, sobject, row, path.split("."), fields, path, by, version)
        answer.setdefault("Id", row["Id"])
        return answer

    def _add(
        self,
        answer: dict[str, Any],
        sobject: SObject,
        row: Row,
        path: Sequence[str],
        fields: Sequence[str],
        whole: str,
        by: User,
        version: str,
    ) -> None:
        """Put one field, or a parent's, into the answer."""
        if len(path) == 1:
            found = sobject.field(path[0])
            if found is None or not by.access.can_read(sobject.name, found.name):
                raise _no_such_field(path[0], sobject.name, fields, whole)
            answer[found.name] = self._value(sobject, found, row, by)
            return
        lookup = sobject.relationship(path[0])
        if lookup is None or not by.access.can_read(sobject.name, lookup.name):
            raise _no_such_field(path[0], sobject.name, fields, whole)
        parent_id = row.get(lookup.name)
        target = self._schema.by_key_prefix(parent_id[:3]) if parent_id else None
        parent = None if target is None else self._store.get(target, str(parent_id))
        name = str(lookup.relationship_name)
        if target is None or parent is None:
            declared = self._schema.get(lookup.reference_to[0]) if lookup.reference_to else None
            if len(path) == 2 and declared is not None and not by.access.can_read(declared.name, path[1]):
                raise _no_such_field(path[1], declared.name, fields, whole)
            answer.setdefault(name, None)
            return
        nested = answer.get(name) or {"attributes": attributes_of(target.name, parent["Id"], version)}
        answer[name] = nested
        self._add(nested, target, parent, path[1:], fields, whole, by, version)

    def _value(self, sobject: SObject, found: Field, row: Row, by: User) -> Any:
        if found.type in COMPOUND_TYPES:
            parts = sobject.compounds.get(found.name, ())
            if found.type == "address":
                return values.address_json(parts, row, found.name.removesuffix("Address"))
            return values.location_json(parts, row)
        if found.formula is not None:
            return values.to_json(found, self._formulas.value(sobject, found, row, by))
        return values.to_json(found, row.get(found.name))


class _RolledBack(Exception):
    """An all-or-none collection with a refused record."""


def attributes_of(sobject: str, record_id: str, version: str) -> dict[str, str]:
    """What every record of a REST answer begins with."""
    return {"type": sobject, "url": f"/services/data/v{version}/sobjects/{sobject}/{record_id}"}


def sobject_names_people(sobject: SObject) -> bool:
    """Whether Name is made of FirstName and LastName, as on Lead, Contact and User."""
    name = sobject.fields.get("Name")
    return name is not None and name.extra_type_info == "personname"


def _default(each: Field) -> Any:
    """The kept form of a field's plain default."""
    value = each.default_value
    if value is None:
        value = next((entry.value for entry in each.picklist_values if entry.default), None)
    if each.type == "boolean":
        return int(bool(value))
    return value


def _is_key(found: Field) -> bool:
    return found.external_id or found.id_lookup


def _problems(
    sobject: SObject, row: Mapping[str, Any], check: Callable[[Field, Any], SalesforceError | None]
) -> list[SalesforceError]:
    """What a check says about the values, in describe order."""
    fields = sobject.fields
    found = {name: problem for name, value in row.items() if (problem := check(fields[name], value)) is not None}
    return [found[name] for name in fields if name in found] if found else []


def _no_such_field(name: str, sobject: str, fields: Sequence[str], whole: str) -> InvalidField:
    """A field of ``?fields=`` that is not there, under the caret block of the query that Salesforce makes of it."""
    query = f"SELECT {','.join(fields)} FROM {sobject}"  # noqa: S608 - shown, never run
    at = query.index(whole, len("SELECT "))
    start = max(0, at - 45)
    snippet = query[start : at + 40]
    return InvalidField(
        f"\n{snippet}\n{' ' * (at - start)}^\nERROR at Row:1:Column:{at + 1}\n"
        + NO_SUCH_FIELD.format(column=name, sobject=sobject)
    )
