"""What ``syncengine init`` makes, and that doing it again changes nothing."""

import pytest

from syncengine import setup
from syncengine.clients.salesforce import FieldDescribe
from tests.syncengine.conftest import Sync
from tests.syncengine.memory import fields, text


def init(sync, *, write=True):
    return setup.init(sync.systems, sync.state, sync.settings, write=write)


def test_native_needs_nothing_but_fields_for_custom_fields(sync):
    steps = init(sync)

    assert all(step.done for step in steps)
    assert "Region__c" in sync.marketo.fields
    assert sync.marketo.types == []


def test_external_makes_its_fields_and_its_activity_type():
    sync = Sync(native=False)  # which runs init

    assert {name for name in sync.marketo.fields if name.startswith("syncrig")} == {
        "syncrigSfdcId",
        "syncrigSfdcType",
        "syncrigSfdcIsDeleted",
        "syncrigSfdcAccountId",
    }
    assert [(kind["apiName"], kind["status"]) for kind in sync.marketo.types] == [("salesforceSyncError", "approved")]


def test_doing_it_again_changes_nothing(either):
    init(either)
    either.forget_calls()

    steps = init(either)

    assert all(step.done for step in steps)
    assert not {"create_fields", "create_type", "approve"} & set(either.marketo.watched.names)


def test_without_write_it_only_says_what_is_missing(sync):
    sync.marketo.connector = False

    steps = init(sync, write=False)

    assert [step.what for step in steps if not step.done] == [
        "lead field syncrigSfdcId",
        "lead field syncrigSfdcType",
        "lead field syncrigSfdcIsDeleted",
        "lead field syncrigSfdcAccountId",
        "custom activity type salesforceSyncError",
    ]
    assert "syncrigSfdcId" not in sync.marketo.fields


def test_an_ordinary_api_user_is_told_to_make_a_text_area_by_hand(either):
    either.salesforce.described["Lead"] |= fields(FieldDescribe("Story__c", "Story", "textarea", 32000, custom=True))

    steps = {step.what: step for step in init(either)}

    if either.marketo.connector:
        assert steps["lead field Story__c"].done
    else:
        assert "by hand, of type Text Area" in steps["lead field Story__c"].detail


def test_two_fields_with_one_label_are_two_lead_fields(sync):
    sync.salesforce.described["Lead"] |= fields(
        FieldDescribe("A__c", "Zone", "string", 10, custom=True),
        FieldDescribe("B__c", "Zone", "string", 10, custom=True),
    )

    init(sync)

    assert {sync.marketo.fields[name].display_name for name in ("A__c", "B__c")} == {"Zone", "Zone Lead"}


@pytest.mark.parametrize("there", [True, False])
def test_the_external_id_in_salesforce_is_found(sync, there):
    if there:
        sync.salesforce.described["Lead"] |= fields(text("Marketo_Id__c", custom=True, external_id=True))

    (step,) = [step for step in init(sync) if "Marketo_Id__c" in step.what]

    assert step.done
    assert bool(step.detail) is not there
