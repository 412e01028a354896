"""What a user may read and edit: the profile plus the permission sets, granted if any of them grants it.

The truth are rows, as in Salesforce: ``Profile``, its shadow ``PermissionSet`` (``IsOwnedByProfile``),
further permission sets and their ``PermissionSetAssignment``, and ``ObjectPermissions`` and
``FieldPermissions`` that hang on a permission set by ``ParentId``.  Whoever writes those rows by another
road calls :meth:`Security.changed`.

Sources: Object Reference, "FieldPermissions", "ObjectPermissions", "PermissionSet"; Salesforce Help,
"Field-Level Security".
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as attribute
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from fakes.salesforce.schema import COMPOUND_TYPES, NoSuchField

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fakes.kit.scenario import SalesforcePart
    from fakes.salesforce.schema import Field, Schema, SObject

FieldAccess = Literal["hidden", "read", "edit"]
OwnerKind = Literal["profile", "permissionSet"]
_FIELD_ACCESSES: Mapping[str, FieldAccess] = MappingProxyType({"hidden": "hidden", "read": "read", "edit": "edit"})

SYSTEM_ADMINISTRATOR = "System Administrator"
STANDARD_USER = "Standard User"
MARKETO_SYNC = "Marketo Sync"
SYNCED_SOBJECTS = ("Lead", "Contact", "Account", "Opportunity", "Campaign")

SYSTEM_PERMISSIONS = (
    "ApiEnabled",
    "ViewSetup",
    "ViewAllData",
    "ModifyAllData",
    "ManageUsers",
    "ModifyMetadata",
    "CustomizeApplication",
    "EditReadonlyFields",
    "CreateAuditFields",
    "ConvertLeads",
    "TransferAnyLead",
    "BulkApiHardDelete",
    "ViewEncryptedData",
)
_ADMINISTRATOR = frozenset(SYSTEM_PERMISSIONS) - {
    "EditReadonlyFields",
    "CreateAuditFields",
    "BulkApiHardDelete",
}
_PROFILES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        SYSTEM_ADMINISTRATOR: _ADMINISTRATOR,
        STANDARD_USER: frozenset({"ApiEnabled", "ViewSetup", "ConvertLeads"}),
        MARKETO_SYNC: frozenset({"ApiEnabled", "ViewSetup", "ConvertLeads"}),
    }
)
_OBJECT_PERMISSIONS = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


class CannotPermit(ValueError):
    """Field-level security has no such setting: the field is outside it, or can be read only."""


class NoSuchOwner(KeyError):
    """Neither a profile nor a permission set has that name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = sorted(known)

    def __str__(self) -> str:
        return f"no profile or permission set {self.name!r}; there are {', '.join(self.known)}"


class Rows(Protocol):
    """How security reads and writes its records: the org hands in an adapter over its store.

    No permission is asked for and no rule runs; the adapter makes ids and system fields.
    """

    def read(self, sobject: str, where: Mapping[str, Sequence[str]]) -> Iterable[Mapping[str, Any]]:
        """Rows that are not deleted and have, for each key of ``where``, one of its values."""

    def insert(self, sobject: str, rows: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Store new rows and answer their 18-character ids in order."""

    def update(self, sobject: str, record_id: str, changes: Mapping[str, Any]) -> None:
        """Change one row."""

    def remove(self, sobject: str, record_ids: Sequence[str]) -> None:
        """Delete rows for good: permission rows leave nothing in the recycle bin."""


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """What a user may do with records of one sobject; each of the last two implies those before it."""

    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False

    def __or__(self, other: ObjectAccess) -> ObjectAccess:
        return ObjectAccess(
            self.read or other.read,
            self.create or other.create,
            self.edit or other.edit,
            self.delete or other.delete,
            self.view_all or other.view_all,
            self.modify_all or other.modify_all,
        )


NOTHING = ObjectAccess()
READ_ALL = ObjectAccess(read=True, view_all=True)
EVERYTHING = ObjectAccess(read=True, create=True, edit=True, delete=True, view_all=True, modify_all=True)


@dataclass(frozen=True, slots=True)
class Grants:
    """What one permission set grants; keys are lower case, as in ``lead`` and ``lead.rating``."""

    system: frozenset[str] = frozenset()
    objects: Mapping[str, ObjectAccess] = attribute(default_factory=dict)
    readable: frozenset[str] = frozenset()
    editable: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Visible:
    """One user's view of one sobject, kept while the schema holds that very sobject."""

    sobject: SObject
    readable: frozenset[str]
    editable: frozenset[str]


def permission_of(sobject: SObject, field: Field) -> Field | None:
    """The field whose permission row decides about this one, or None when field-level security does not.

    The parts of an address or geolocation stand and fall with the compound field; a required field, a name
    or a system field has no row and is always visible.
    """
    if field.compound_field_name is not None:
        compound = sobject.fields.get(field.compound_field_name)
        if compound is not None and compound.type in COMPOUND_TYPES:
            field = compound
    return field if field.permissionable else None


def can_be_edited(sobject: SObject, field: Field) -> bool:
    """Whether anybody can be given Edit on it: on a formula, an auto number, a stamp nobody can."""
    if field.type in COMPOUND_TYPES:
        return any(part.createable or part.updateable for part in sobject.compounds.get(field.name, ()))
    return field.createable or field.updateable


class Access:
    """One user's effective rights.  Pure: it knows the schema and what was granted, nothing else.

    Field names are canonical or of any case; a name that the sobject does not have can be neither read nor
    edited.
    """

    def __init__(self, schema: Schema, *, user_id: str, profile_name: str, grants: Iterable[Grants]) -> None:
        self.user_id = user_id
        self.profile_name = profile_name
        system: set[str] = set()
        self._objects: dict[str, ObjectAccess] = {}
        readable: set[str] = set()
        editable: set[str] = set()
        for granted in grants:
            system |= granted.system
            readable |= granted.readable
            editable |= granted.editable
            for name, rights in granted.objects.items():
                self._objects[name] = self._objects.get(name, NOTHING) | rights
        self.system_permissions = frozenset(system)
        self._granted_read = frozenset(readable)
        self._granted_edit = frozenset(editable)
        self._schema = schema
        self._visible: dict[str, _Visible] = {}

    @property
    def system_admin(self) -> bool:
        """Whether the user may change every record ("Modify All Data")."""
        return "ModifyAllData" in self.system_permissions

    def has(self, permission: str) -> bool:
        """Whether a system permission such as ``ViewSetup`` is granted."""
        return permission in self.system_permissions

    def object(self, sobject: str) -> ObjectAccess:
        """The user's rights on records of the sobject; all false for a name the org does not know.

        "View All Data" and "Modify All Data" reach every sobject, though never past field-level security.
        """
        found = self._schema.get(sobject)
        if found is None:
            return NOTHING
        if found.access_by == "setup":
            return EVERYTHING if self.system_admin else READ_ALL
        if found.access_by == "everyone":
            return EVERYTHING if self.system_admin else _ACTIVITIES
        if found.access_by != "object":
            # A campaign member is reached through its campaign; the person's own Read is asked for besides.
            parent = self.object(found.access_by)
            return ObjectAccess(parent.read, parent.edit, parent.edit, parent.edit, parent.view_all, parent.modify_all)
        rights = self._objects.get(found.name.lower(), NOTHING)
        if self.has("ModifyAllData"):
            return EVERYTHING
        return rights | READ_ALL if self.has("ViewAllData") else rights

    def can_read(self, sobject: str, field: str) -> bool:
        """Whether the field exists for this user; if not, describe, SOQL and records go without it."""
        found = self._schema.get(sobject)
        if found is None:
            return False
        visible = self._view(found)
        return field in visible.readable or self._canonical(found, field) in visible.readable

    def can_edit(self, sobject: str, field: str) -> bool:
        """Whether field-level security and the field's type let this user set it, on create or on update."""
        found = self._schema.get(sobject)
        if found is None:
            return False
        visible = self._view(found)
        return field in visible.editable or self._canonical(found, field) in visible.editable

    def can_create(self, sobject: str, field: str) -> bool:
        """Whether a create may bring the field: it can be edited and is ``createable``."""
        found = self._field(sobject, field)
        return found is not None and found.createable and self.can_edit(sobject, found.name)

    def can_update(self, sobject: str, field: str) -> bool:
        """Whether an update may bring the field: it can be edited and is ``updateable``."""
        found = self._field(sobject, field)
        return found is not None and found.updateable and self.can_edit(sobject, found.name)

    def readable(self, sobject: str) -> frozenset[str]:
        """The canonical names of every field that :meth:`can_read` allows; empty for an unknown sobject."""
        found = self._schema.get(sobject)
        return frozenset() if found is None else self._view(found).readable

    def editable(self, sobject: str) -> frozenset[str]:
        """The canonical names of every field that :meth:`can_edit` allows; empty for an unknown sobject."""
        found = self._schema.get(sobject)
        return frozenset() if found is None else self._view(found).editable

    def _field(self, sobject: str, field: str) -> Field | None:
        found = self._schema.get(sobject)
        return None if found is None else found.field(field)

    @staticmethod
    def _canonical(sobject: SObject, field: str) -> str:
        found = sobject.field(field)
        return "" if found is None else found.name

    def _view(self, sobject: SObject) -> _Visible:
        view = self._visible.get(sobject.name)
        if view is None or view.sobject is not sobject:
            view = self._look_at(sobject)
            self._visible[sobject.name] = view
        return view

    def _look_at(self, sobject: SObject) -> _Visible:
        readable = set()
        editable = set()
        for field in sobject.fields.values():
            permission = permission_of(sobject, field)
            if permission is None:
                reads = edits = True
            else:
                key = f"{sobject.name}.{permission.name}".lower()
                edits = key in self._granted_edit
                reads = edits or key in self._granted_read
                # "Edit Read Only Fields" lifts read-only, never hidden.
                edits = edits or (reads and self.has("EditReadonlyFields"))
            if reads:
                readable.add(field.name)
            if edits and (field.createable or field.updateable):
                editable.add(field.name)
        return _Visible(sobject, frozenset(readable), frozenset(editable))


_ACTIVITIES = ObjectAccess(read=True, create=True, edit=True, delete=True)


class Security:
    """The profiles and permission sets of an org, and the effective access of its users.

    How ``Org.build`` uses it, after the schema holds the scenario's custom fields and the store their
    columns::

        security = Security(schema, rows)            # rows: an adapter over the store, see Rows
        security.bootstrap(part)                     # Profile, PermissionSet, Object- and FieldPermissions
        rows for spec in part.users:
            ...insert the User row with ProfileId = security.profile_id(spec.profile)...
            security.assign(user_id, spec.permission_sets)

    Anything cached is dropped by :meth:`changed`; call it after a restore, and after writing a User's
    ProfileId or a row of ``SECURITY_SOBJECTS`` through the API.
    """

    def __init__(self, schema: Schema, rows: Rows) -> None:
        self._schema = schema
        self._rows = rows
        self._access: dict[str, Access] = {}
        self._grants: dict[str, Grants] = {}

    def changed(self) -> None:
        """Forget what was read: the rows are different now."""
        self._access.clear()
        self._grants.clear()

    # -- reading
    # -------------------------------------------------------------------------------------------------

    def access_of(self, user_id: str) -> Access:
        """The user's effective access; ``KeyError`` if there is no such user."""
        access = self._access.get(user_id)
        if access is None:
            access = self._read_access(user_id)
            self._access[user_id] = access
        return access

    def profile_id(self, name: str) -> str:
        """The id of the profile of that name; ``NoSuchOwner`` if there is none."""
        for row in self._rows.read("Profile", {"Name": [name]}):
            return str(row["Id"])
        raise NoSuchOwner(name, self.owners())

    def permission_set_id(self, owner_name: str, kind: OwnerKind | None = None) -> str:
        """The id of the permission set of that name or label, or of the one owned by that profile."""
        if kind != "profile":
            for row in self._rows.read("PermissionSet", {}):
                if not row["IsOwnedByProfile"] and owner_name in {row["Name"], row["Label"]}:
                    return str(row["Id"])
        if kind != "permissionSet":
            for row in self._rows.read("Profile", {"Name": [owner_name]}):
                for owned in self._rows.read("PermissionSet", {"ProfileId": [str(row["Id"])]}):
                    return str(owned["Id"])
        raise NoSuchOwner(owner_name, self.owners())

    def owners(self) -> list[str]:
        """The names of every profile and the labels of every permission set that no profile owns."""
        profiles = [str(row["Name"]) for row in self._rows.read("Profile", {})]
        sets = [str(row["Label"]) for row in self._rows.read("PermissionSet", {}) if not row["IsOwnedByProfile"]]
        return profiles + sets

    def _read_access(self, user_id: str) -> Access:
        user = next(iter(self._rows.read("User", {"Id": [user_id]})), None)
        if user is None:
            raise KeyError(user_id)
        profile_id = str(user["ProfileId"])
        profile = next(iter(self._rows.read("Profile", {"Id": [profile_id]})))
        sets = [str(row["Id"]) for row in self._rows.read("PermissionSet", {"ProfileId": [profile_id]})]
        sets += [
            str(row["PermissionSetId"]) for row in self._rows.read("PermissionSetAssignment", {"AssigneeId": [user_id]})
        ]
        return Access(
            self._schema,
            user_id=user_id,
            profile_name=str(profile["Name"]),
            grants=[self._granted_by(set_id) for set_id in dict.fromkeys(sets)],
        )

    def _granted_by(self, set_id: str) -> Grants:
        grants = self._grants.get(set_id)
        if grants is None:
            grants = self._read_grants(set_id)
            self._grants[set_id] = grants
        return grants

    def _read_grants(self, set_id: str) -> Grants:
        row = next(iter(self._rows.read("PermissionSet", {"Id": [set_id]})), {})
        objects = {
            str(each["SobjectType"]).lower(): ObjectAccess(
                *(bool(each[f"Permissions{right}"]) for right in _OBJECT_PERMISSIONS)
            )
            for each in self._rows.read("ObjectPermissions", {"ParentId": [set_id]})
        }
        fields = list(self._rows.read("FieldPermissions", {"ParentId": [set_id]}))
        return Grants(
            system=frozenset(name for name in SYSTEM_PERMISSIONS if row.get(f"Permissions{name}")),
            objects=objects,
            readable=frozenset(str(each["Field"]).lower() for each in fields if each["PermissionsRead"]),
            editable=frozenset(str(each["Field"]).lower() for each in fields if each["PermissionsEdit"]),
        )

    # -- changing
    # ------------------------------------------------------------------------------------------------

    def set_field_access(
        self,
        owner_name: str,
        sobject: str,
        field: str,
        access: FieldAccess,
        *,
        kind: OwnerKind | None = None,
    ) -> None:
        """Give a profile or permission set this access to a field: as a row, or as no row when hidden.

        Raises:
            NoSuchOwner, NoSuchSObject, NoSuchField: nothing of that name.
            CannotPermit: the field is outside field-level security, or can be read only.

        """
        found = self._schema[sobject]
        target = found.field(field)
        if target is None:
            raise NoSuchField(found.name, field)
        check_permission(found, target, access)
        self._lay_rows(self.permission_set_id(owner_name, kind), [(found, target, access)])

    def set_object_access(self, owner_name: str, sobject: str, rights: ObjectAccess) -> None:
        """Give a profile or permission set these rights on the sobject, in place of what it had."""
        found = self._schema[sobject]
        if found.access_by != "object":
            raise CannotPermit(f"{found.name} has no object permissions of its own")
        set_id = self.permission_set_id(owner_name)
        present = self._rows.read("ObjectPermissions", {"ParentId": [set_id], "SobjectType": [found.name]})
        self._rows.remove("ObjectPermissions", [str(row["Id"]) for row in present])
        if rights.read:
            self._rows.insert("ObjectPermissions", [_object_row(set_id, found.name, rights)])
        self.changed()

    def assign(self, user_id: str, permission_sets: Iterable[str]) -> None:
        """Assign permission sets, by name or label, to a user who keeps those assigned already."""
        present = {
            str(row["PermissionSetId"]) for row in self._rows.read("PermissionSetAssignment", {"AssigneeId": [user_id]})
        }
        wanted = dict.fromkeys(self.permission_set_id(name) for name in permission_sets)
        rows = [
            {"AssigneeId": user_id, "PermissionSetId": set_id, "IsActive": True}
            for set_id in wanted
            if set_id not in present
        ]
        if rows:
            self._rows.insert("PermissionSetAssignment", rows)
        self.changed()

    def add_profile(self, name: str, *, like: str = STANDARD_USER) -> str:
        """Create a profile with the rights that a built-in one is born with; answers the profile's id."""
        system = _PROFILES[like]
        permissions = {f"Permissions{each}": each in system for each in SYSTEM_PERMISSIONS}
        profile = {"Name": name, "UserType": "Standard", "UserLicenseId": self._user_license(), **permissions}
        (profile_id,) = self._rows.insert("Profile", [profile])
        (set_id,) = self._rows.insert(
            "PermissionSet",
            [
                {
                    "Name": f"X00e{profile_id[3:15]}",
                    "Label": name,
                    "ProfileId": profile_id,
                    "IsOwnedByProfile": True,
                    "IsCustom": like != name,
                    "Type": "Profile",
                    "HasActivationRequired": False,
                    **permissions,
                }
            ],
        )
        self._rows.insert(
            "ObjectPermissions",
            [
                _object_row(set_id, sobject.name, rights)
                for sobject in self._sobjects()
                if sobject.access_by == "object" and (rights := _born_with(like, sobject)).read
            ],
        )
        self._lay_rows(
            set_id,
            [
                (sobject, field, "edit" if can_be_edited(sobject, field) else "read")
                for sobject in self._sobjects()
                for field in sobject.fields.values()
                # A custom field is hidden from everybody until somebody grants it, the administrator too.
                if not field.custom and permission_of(sobject, field) is field
            ],
            fresh=True,
        )
        return profile_id

    def add_permission_set(self, label: str) -> str:
        """Create a permission set that grants nothing yet; answers its id."""
        name = "".join(letter if letter.isalnum() else "_" for letter in label)
        (set_id,) = self._rows.insert(
            "PermissionSet",
            [
                {
                    "Name": name,
                    "Label": label,
                    "IsOwnedByProfile": False,
                    "IsCustom": True,
                    "Type": "Regular",
                    "HasActivationRequired": False,
                    **{f"Permissions{each}": False for each in SYSTEM_PERMISSIONS},
                }
            ],
        )
        self.changed()
        return set_id

    def grant_new_field(self, sobject: str, field: str, access: FieldAccess, *, owners: Iterable[str]) -> None:
        """Show a custom field that a scenario or the side door made: Edit becomes Read where nobody may edit.

        A required field is outside field-level security and needs no row; then this does nothing.
        """
        found = self._schema[sobject]
        target = found.field(field)
        if target is None:
            raise NoSuchField(found.name, field)
        if permission_of(found, target) is not target:
            return
        if access == "edit" and not can_be_edited(found, target):
            access = "read"
        for owner in dict.fromkeys(owners):
            self._lay_rows(self.permission_set_id(owner), [(found, target, access)])

    def field_replaced(self, sobject: str, field: str) -> None:
        """Take back what rows grant on a changed field: all of it once it is required, Edit once computed."""
        found = self._schema[sobject]
        target = found.fields[field]
        if permission_of(found, target) is not target:
            self.forget_field(found.name, target.name)
        elif not can_be_edited(found, target):
            for row in self._rows.read("FieldPermissions", {"Field": [f"{found.name}.{target.name}"]}):
                if row["PermissionsEdit"]:
                    self._rows.update("FieldPermissions", str(row["Id"]), {"PermissionsEdit": False})
        self.changed()

    def forget_field(self, sobject: str, field: str) -> None:
        """Remove every permission row of a field that is going away."""
        key = f"{sobject}.{field}"
        present = self._rows.read("FieldPermissions", {"Field": [key]})
        self._rows.remove("FieldPermissions", [str(row["Id"]) for row in present])
        self.changed()

    def bootstrap(self, part: SalesforcePart) -> None:
        """Create the profiles and permission sets of a new org and lay the scenario's permissions over them.

        The built-in profiles always exist.  A profile that only the scenario names is created: with the
        rights of ``Marketo Sync`` where it is the sync user's, of ``Standard User`` otherwise.  A permission
        set that users or field permissions name is created empty.  The scenario's custom fields must be in
        the schema already: each is granted (``access``, default edit) to the sync user's profile and to
        System Administrator.

        Raises what :meth:`set_field_access` raises for a permission that cannot be.
        """
        for name in _PROFILES:
            self.add_profile(name, like=name)
        sync_profile = MARKETO_SYNC
        profiles = set(_PROFILES)
        for user in part.users:
            if user.sync_user:
                sync_profile = user.profile
            if user.profile not in profiles:
                self.add_profile(user.profile, like=MARKETO_SYNC if user.sync_user else STANDARD_USER)
                profiles.add(user.profile)
        named = [name for user in part.users for name in user.permission_sets]
        for label in dict.fromkeys([*named, *part.field_permissions]):
            if label not in profiles:
                self.add_permission_set(label)
        for full_name, words in part.fields.items():
            sobject, _, field = full_name.partition(".")
            access = field_access(words.get("access", "edit"))
            self.grant_new_field(sobject, field, "edit", owners=[SYSTEM_ADMINISTRATOR])
            self.grant_new_field(sobject, field, access, owners=[sync_profile])
        for owner, accesses in part.field_permissions.items():
            for full_name, wanted in accesses.items():
                sobject, _, field = full_name.partition(".")
                self.set_field_access(owner, sobject, field, field_access(wanted))
        self.changed()

    def _user_license(self) -> str:
        """The id of the one licence that every user of a fake org has."""
        name = "Salesforce"
        for row in self._rows.read("UserLicense", {"Name": [name]}):
            return str(row["Id"])
        row = {"Name": name, "LicenseDefinitionKey": "SFDC", "Status": "Active", "TotalLicenses": 100}
        return self._rows.insert("UserLicense", [row])[0]

    def _sobjects(self) -> Iterable[SObject]:
        return (self._schema[name] for name in self._schema.names())

    def _lay_rows(
        self, set_id: str, wanted: Sequence[tuple[SObject, Field, FieldAccess]], *, fresh: bool = False
    ) -> None:
        """Bring the permission set's FieldPermissions rows to these accesses; ``fresh``: it has none yet."""
        present: dict[str, Mapping[str, Any]] = {}
        if not fresh:
            names = [f"{sobject.name}.{field.name}" for sobject, field, _ in wanted]
            rows = self._rows.read("FieldPermissions", {"ParentId": [set_id], "Field": names})
            present = {str(row["Field"]): row for row in rows}
        new = []
        for sobject, field, access in wanted:
            row = present.get(f"{sobject.name}.{field.name}")
            if access == "hidden":
                if row is not None:
                    self._rows.remove("FieldPermissions", [str(row["Id"])])
            elif row is None:
                new.append(
                    {
                        "ParentId": set_id,
                        "SobjectType": sobject.name,
                        "Field": f"{sobject.name}.{field.name}",
                        "PermissionsRead": True,
                        "PermissionsEdit": access == "edit",
                    }
                )
            else:
                changes = {"PermissionsRead": True, "PermissionsEdit": access == "edit"}
                self._rows.update("FieldPermissions", str(row["Id"]), changes)
        if new:
            self._rows.insert("FieldPermissions", new)
        self.changed()


SECURITY_SOBJECTS = frozenset(
    {"Profile", "PermissionSet", "PermissionSetAssignment", "FieldPermissions", "ObjectPermissions"}
)


def check_permission(sobject: SObject, field: Field, access: FieldAccess) -> None:
    """Raise ``CannotPermit`` if field-level security cannot say this about the field."""
    permission = permission_of(sobject, field)
    full_name = f"{sobject.name}.{field.name}"
    if permission is None:
        raise CannotPermit(
            f"{full_name} is outside field-level security (it is required, a name or a system field): "
            "everybody who may read the record sees it"
        )
    if permission is not field:
        raise CannotPermit(f"{full_name} is a part of {sobject.name}.{permission.name}: set that field's access")
    if access == "edit" and not can_be_edited(sobject, field):
        raise CannotPermit(f"{full_name} can be read only: nobody can be given Edit on it")


def field_access(word: object) -> FieldAccess:
    """The word of a scenario or a request as a field's access; ``CannotPermit`` for any other word."""
    if isinstance(word, str) and word in _FIELD_ACCESSES:
        return _FIELD_ACCESSES[word]
    raise CannotPermit(f"access is hidden, read or edit, not {word!r}")


def _born_with(profile: str, sobject: SObject) -> ObjectAccess:
    """The object permissions of a built-in profile in a new org."""
    if profile == SYSTEM_ADMINISTRATOR:
        return EVERYTHING
    if profile == MARKETO_SYNC:
        rights = ObjectAccess(read=True, create=True, edit=True, delete=True)
        return rights if sobject.custom or sobject.name in SYNCED_SOBJECTS else NOTHING
    if sobject.custom:
        return NOTHING
    if sobject.name == "Campaign":
        return ObjectAccess(read=True)
    return ObjectAccess(read=True, create=True, edit=True, delete=True)


def _object_row(set_id: str, sobject: str, rights: ObjectAccess) -> dict[str, Any]:
    values = (rights.read, rights.create, rights.edit, rights.delete, rights.view_all, rights.modify_all)
    return {
        "ParentId": set_id,
        "SobjectType": sobject,
        **{f"Permissions{right}": value for right, value in zip(_OBJECT_PERMISSIONS, values, strict=True)},
    }
