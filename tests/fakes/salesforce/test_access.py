from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.kit.scenario import SalesforcePart, UserSpec
from fakes.salesforce.access import (
    EVERYTHING,
    NOTHING,
    SYSTEM_PERMISSIONS,
    Access,
    CannotPermit,
    Grants,
    NoSuchOwner,
    ObjectAccess,
    permission_of,
)
from fakes.salesforce.custom_fields import put_custom_field
from fakes.salesforce.schema import NoSuchField, NoSuchSObject, make_field, standard

from .memory_rows import SmallOrg


@pytest.fixture
def org():
    return SmallOrg()


class TestFieldLevelSecurity:
    """Source: Salesforce Help, "Field-Level Security"; Object Reference, "FieldPermissions"."""

    def test_a_new_org_lets_every_built_in_profile_edit_every_field_that_can_be_permitted(self, org):
        for access in (org.sync, org.admin, org.sales):
            assert access.can_edit("Lead", "Rating")
            assert access.can_edit("Contact", "MailingCity")

    @pytest.mark.parametrize(
        ("setting", "reads", "edits"),
        [
            pytest.param("hidden", False, False, id="hidden: neither"),
            pytest.param("read", True, False, id="read: read only"),
            pytest.param("edit", True, True, id="edit: both"),
        ],
    )
    def test_a_setting_decides_for_the_users_of_that_profile_only(self, org, setting, reads, edits):
        org.security.set_field_access("Marketo Sync", "Lead", "Rating", setting)

        assert (org.sync.can_read("Lead", "Rating"), org.sync.can_edit("Lead", "Rating")) == (reads, edits)
        assert org.sales.can_edit("Lead", "Rating")

    @given(
        profile=st.sampled_from(["hidden", "read", "edit"]),
        sets=st.lists(st.sampled_from(["hidden", "read", "edit"]), max_size=3),
    )
    def test_granted_if_any_of_them_grants_it(self, profile, sets):
        schema = standard()
        grants = [
            Grants(
                readable=frozenset() if each == "hidden" else frozenset({"lead.rating"}),
                editable=frozenset({"lead.rating"}) if each == "edit" else frozenset(),
            )
            for each in [profile, *sets]
        ]
        access = Access(schema, user_id="005", profile_name="Any", grants=grants)

        assert access.can_read("Lead", "Rating") == any(each != "hidden" for each in [profile, *sets])
        assert access.can_edit("Lead", "Rating") == ("edit" in [profile, *sets])

    def test_a_permission_set_gives_back_what_the_profile_hides(self, org):
        org.security.set_field_access("Marketo Sync", "Lead", "Rating", "hidden")
        org.security.add_permission_set("Lead Desk")
        org.security.set_field_access("Lead Desk", "Lead", "Rating", "read")
        org.security.assign(org.users["sync@acme.test"], ["Lead Desk"])

        assert org.sync.can_read("Lead", "Rating")
        assert not org.sync.can_edit("Lead", "Rating")

    @pytest.mark.parametrize("field", ["Company", "LastName", "Name", "Id", "OwnerId", "Status", "CreatedDate"])
    def test_a_required_field_a_name_or_a_system_field_cannot_be_hidden(self, org, field):
        with pytest.raises(CannotPermit, match=f"Lead.{field} is outside field-level security"):
            org.security.set_field_access("Marketo Sync", "Lead", field, "hidden")

        assert org.sync.can_read("Lead", field)

    def test_an_address_is_permitted_as_a_whole(self, org):
        with pytest.raises(CannotPermit, match=r"Lead.City is a part of Lead.Address: set that field's access"):
            org.security.set_field_access("Marketo Sync", "Lead", "City", "hidden")
        org.security.set_field_access("Marketo Sync", "Lead", "Address", "read")

        assert org.sync.can_read("Lead", "City")
        assert not org.sync.can_edit("Lead", "City")
        org.security.set_field_access("Marketo Sync", "Lead", "Address", "hidden")
        assert not {"Street", "City", "Latitude", "Address"} & org.sync.readable("Lead")

    @pytest.mark.parametrize(
        "words",
        [
            pytest.param({"type": "Number", "formula": "1 + 1"}, id="formula"),
            pytest.param({"type": "AutoNumber", "displayFormat": "A-{0000}"}, id="auto number"),
        ],
    )
    def test_nobody_can_be_given_edit_on_what_is_computed(self, org, words):
        put_custom_field(org.schema, "Lead.Computed__c", words)

        with pytest.raises(CannotPermit, match="can be read only"):
            org.security.set_field_access("Marketo Sync", "Lead", "Computed__c", "edit")
        org.security.set_field_access("Marketo Sync", "Lead", "Computed__c", "read")
        assert org.sync.can_read("Lead", "Computed__c")
        assert not org.sync.can_edit("Lead", "Computed__c")

    def test_a_custom_field_is_hidden_from_everybody_until_granted_even_from_the_administrator(self, org):
        put_custom_field(org.schema, "Account.Fresh__c", {"type": "Text"})

        assert not org.admin.can_read("Account", "Fresh__c")
        assert not org.sync.can_read("Account", "Fresh__c")
        org.security.set_field_access("System Administrator", "Account", "Fresh__c", "edit")
        assert org.admin.can_edit("Account", "Fresh__c")

    def test_a_required_custom_field_needs_no_grant(self, org):
        put_custom_field(org.schema, "Account.Must__c", {"type": "Text", "required": True})

        assert org.sync.can_edit("Account", "Must__c")

    def test_system_fields_are_read_but_never_edited(self, org):
        assert org.admin.can_read("Lead", "SystemModstamp")
        assert not org.admin.can_edit("Lead", "SystemModstamp")

    def test_create_and_update_follow_the_field_as_well(self, org):
        assert org.sync.can_create("CampaignMember", "LeadId")
        assert not org.sync.can_update("CampaignMember", "LeadId")
        assert org.sync.can_update("Lead", "EmailBouncedReason")
        assert not org.sync.can_create("Lead", "EmailBouncedReason")

    def test_edit_read_only_fields_lifts_read_only_but_not_hidden(self, org):
        org.security.set_field_access("Marketo Sync", "Lead", "Rating", "read")
        org.security.set_field_access("Marketo Sync", "Lead", "Industry", "hidden")
        owned = org.security.permission_set_id("Marketo Sync")
        org.rows.update("PermissionSet", owned, {"PermissionsEditReadonlyFields": True})
        org.security.changed()

        assert org.sync.can_edit("Lead", "Rating")
        assert not org.sync.can_read("Lead", "Industry")

    def test_names_of_any_case_mean_the_same_field_and_unknown_ones_none(self, org):
        assert org.sync.can_read("lead", "rating")
        assert org.sync.can_edit("LEAD", "RATING")
        assert not org.sync.can_read("Lead", "Nonsense")
        assert not org.sync.can_read("Leed", "Rating")
        assert org.sync.readable("Leed") == frozenset()

    def test_a_field_that_is_put_later_is_seen_by_an_access_already_at_hand(self, org):
        access = org.sync
        access.readable("Lead")
        org.schema.put_field("Lead", make_field(name="Must__c", label="Must", custom=True, permissionable=False))

        assert access.can_read("Lead", "Must__c")


class TestObjectPermissions:
    """Source: Object Reference, "ObjectPermissions"."""

    CRUD = ObjectAccess(read=True, create=True, edit=True, delete=True)

    @pytest.mark.parametrize(
        ("user", "sobject", "expected"),
        [
            ("sync", "Lead", CRUD),
            ("sync", "Campaign", CRUD),
            ("sync", "CampaignMember", CRUD),
            ("sync", "Task", CRUD),
            ("sync", "User", ObjectAccess(read=True, view_all=True)),
            ("sales", "Campaign", ObjectAccess(read=True)),
            ("sales", "CampaignMember", ObjectAccess(read=True)),
            ("sales", "Account", CRUD),
            ("admin", "Lead", EVERYTHING),
            ("admin", "FieldPermissions", EVERYTHING),
            ("admin", "Nonsense", NOTHING),
        ],
    )
    def test_of_a_new_org(self, org, user, sobject, expected):
        assert getattr(org, user).object(sobject) == expected

    def test_are_replaced_as_a_whole(self, org):
        org.security.set_object_access("Marketo Sync", "Lead", ObjectAccess(read=True))

        assert org.sync.object("Lead") == ObjectAccess(read=True)
        org.security.set_object_access("Marketo Sync", "Lead", NOTHING)
        assert org.sync.object("Lead") == NOTHING

    def test_modify_all_data_reaches_every_record_but_no_hidden_field(self, org):
        org.security.set_object_access("System Administrator", "Lead", NOTHING)
        org.security.set_field_access("System Administrator", "Lead", "Rating", "hidden")

        assert org.admin.object("Lead") == EVERYTHING
        assert not org.admin.can_read("Lead", "Rating")

    def test_no_row_can_speak_of_an_sobject_that_its_parent_or_the_setup_controls(self, org):
        with pytest.raises(CannotPermit, match="CampaignMember has no object permissions of its own"):
            org.security.set_object_access("Marketo Sync", "CampaignMember", EVERYTHING)


class TestRows:
    """The truth are rows, as clients query and change them. Source: Object Reference, "PermissionSet"."""

    def test_every_profile_owns_a_permission_set_that_its_field_permissions_hang_on(self, org):
        owned = {row["Id"]: row for row in org.rows.read("PermissionSet", {})}
        profiles = org.rows.read("Profile", {})

        assert {row["Name"] for row in profiles} == {"System Administrator", "Standard User", "Marketo Sync"}
        assert all(row["IsOwnedByProfile"] for row in owned.values())
        assert {row["ProfileId"] for row in owned.values()} == {row["Id"] for row in profiles}
        assert {row["ParentId"] for row in org.rows.read("FieldPermissions", {})} == set(owned)

    def test_rows_exist_only_for_fields_that_can_be_permitted_and_are_readable(self, org):
        for row in org.rows.read("FieldPermissions", {}):
            sobject = org.schema[row["SobjectType"]]
            field = sobject.fields[row["Field"].partition(".")[2]]
            assert permission_of(sobject, field) is field
            assert row["PermissionsRead"]
        org.security.set_field_access("Marketo Sync", "Lead", "Rating", "hidden")
        set_id = org.security.permission_set_id("Marketo Sync")
        assert not org.rows.read("FieldPermissions", {"ParentId": [set_id], "Field": ["Lead.Rating"]})

    def test_a_row_changed_by_another_road_counts_once_security_is_told(self, org):
        assert org.sync.can_edit("Lead", "Rating")
        set_id = org.security.permission_set_id("Marketo Sync")
        (row,) = org.rows.read("FieldPermissions", {"ParentId": [set_id], "Field": ["Lead.Rating"]})
        org.rows.update("FieldPermissions", row["Id"], {"PermissionsEdit": False})
        org.security.changed()

        assert not org.sync.can_edit("Lead", "Rating")

    def test_access_is_read_once_and_then_kept(self, org):
        first = org.sync
        reads = org.rows.reads

        assert org.sync is first
        assert org.rows.reads == reads

    def test_system_permissions_are_columns_of_the_permission_set(self, org):
        assert org.admin.has("ModifyAllData")
        assert org.admin.system_admin
        assert org.sync.has("ApiEnabled")
        assert not org.sync.system_admin
        columns = {name for name in org.schema["PermissionSet"].fields if name.startswith("Permissions")}
        assert columns == {f"Permissions{name}" for name in SYSTEM_PERMISSIONS}

    def test_a_field_that_goes_takes_its_rows_along(self, org):
        put_custom_field(org.schema, "Lead.Gone__c", {"type": "Text"})
        org.security.set_field_access("Marketo Sync", "Lead", "Gone__c", "edit")
        org.security.forget_field("Lead", "Gone__c")

        assert not org.rows.read("FieldPermissions", {"Field": ["Lead.Gone__c"]})
        assert not org.sync.can_read("Lead", "Gone__c")

    def test_an_assignment_is_made_once(self, org):
        org.security.add_permission_set("Lead Desk")
        for name in ("Lead Desk", "Lead_Desk"):
            org.security.assign(org.users["sync@acme.test"], [name])

        assert len(org.rows.read("PermissionSetAssignment", {})) == 1

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            (
                ("Nobody", "Lead", "Rating"),
                NoSuchOwner,
                "no profile or permission set 'Nobody'; there are Lead Desk",
            ),
            (("Marketo Sync", "Leed", "Rating"), NoSuchSObject, "sobject 'Leed' is not known"),
            (("Marketo Sync", "Lead", "Rateing"), NoSuchField, "no field 'Rateing' on sobject Lead"),
        ],
    )
    def test_an_unknown_name_is_said_clearly(self, org, arguments, error, message):
        org.security.add_permission_set("Lead Desk")

        with pytest.raises(error, match=message):
            org.security.set_field_access(*arguments, "read")


class TestBootstrap:
    def test_a_profile_that_only_the_scenario_names_is_born_like_a_built_in_one(self):
        org = SmallOrg(
            SalesforcePart(
                users=[
                    UserSpec("sync@acme.test", profile="Integration", sync_user=True),
                    UserSpec("admin@acme.test"),
                    UserSpec("sales@acme.test", profile="Sales"),
                ]
            )
        )

        assert org.sync.profile_name == "Integration"
        assert org.sync.object("Campaign").delete
        assert org.sales.object("Campaign") == ObjectAccess(read=True)

    def test_permission_sets_are_created_when_named_and_field_permissions_laid_over(self):
        org = SmallOrg(
            SalesforcePart(
                users=[UserSpec("sync@acme.test", "x", "Marketo Sync", ("Lead Desk",), sync_user=True)],
                field_permissions={
                    "Marketo Sync": {"Lead.Rating": "hidden", "Lead.Phone": "hidden"},
                    "Lead Desk": {"Lead.Phone": "read"},
                    "Nobody Has It": {"Lead.Rating": "edit"},
                },
            )
        )

        assert not org.sync.can_read("Lead", "Rating")
        assert org.sync.can_read("Lead", "Phone")
        assert not org.sync.can_edit("Lead", "Phone")

    def test_the_scenarios_custom_fields_are_granted_to_sync_user_and_administrator(self):
        words = {
            "Lead.Plain__c": {"type": "Text"},
            "Lead.Seen__c": {"type": "Text", "access": "read"},
            "Lead.Hidden__c": {"type": "Text", "access": "hidden"},
            "Lead.Twice__c": {"type": "Number", "formula": "2 * NumberOfEmployees"},
        }
        schema = standard()
        for name, each in words.items():
            put_custom_field(schema, name, each)
        users = [
            UserSpec("sync@acme.test", profile="Marketo Sync", sync_user=True),
            UserSpec("admin@acme.test"),
            UserSpec("sales@acme.test", profile="Standard User"),
        ]
        org = SmallOrg(SalesforcePart(users=users, fields=words), schema)

        assert org.sync.can_edit("Lead", "Plain__c")
        assert (org.sync.can_read("Lead", "Seen__c"), org.sync.can_edit("Lead", "Seen__c")) == (True, False)
        assert not org.sync.can_read("Lead", "Hidden__c")
        assert (org.sync.can_read("Lead", "Twice__c"), org.sync.can_edit("Lead", "Twice__c")) == (True, False)
        assert org.admin.can_edit("Lead", "Hidden__c")
        assert not org.sales.can_read("Lead", "Plain__c")

    def test_a_wrong_word_for_an_access_is_refused(self):
        with pytest.raises(CannotPermit, match="access is hidden, read or edit, not 'write'"):
            SmallOrg(SalesforcePart(field_permissions={"Marketo Sync": {"Lead.Rating": "write"}}))
