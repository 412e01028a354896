"""Scenario files: what they say, and how a wrong one is refused with its line."""

import pytest

from fakes.kit import scenario
from fakes.kit.scenario import ScenarioError, empty, load, parse

WHOLE = """\
description: A hot lead needs a phone.
now: 2026-01-05T09:00:00Z
seed: 7
salesforce:
  users:
    - {username: sync@acme.test, password: secret, profile: Marketo Sync, permission_sets: [Lead Desk], sync_user: true}
  field_permissions:
    Marketo Sync: {Lead.Rating: hidden, Lead.Phone: read}
  fields: {Lead.Region__c: {type: Picklist, values: [North, South], restricted: true}}
  validation_rules:
    Lead.Phone_If_Hot: {formula: 'ISPICKVAL(Rating, "Hot")', message: A hot lead needs a phone., field: Phone}
  records:
    Lead: [{ref: anna, FirstName: Anna, LastName: Berg, Company: Acme, Email: anna@example.com}]
  generate: [{sobject: Lead, count: 1000, locales: [en_US, sv_SE]}]
marketo:
  crm_sync: external
  fields: {loyaltyTier: {type: string, length: 40}}
  persons: [{ref: anna, firstName: Anna, lastName: Berg, email: anna@example.com, dateOfBirth: 1990-02-03}]
  campaigns: [{name: Send to sales, flow: [{step: Sync Person to SFDC}]}]
links: [[anna, anna]]
sync: {policy: marketo-native, map: {Lead.Region__c: region}}
"""


class TestWhatAScenarioSays:
    def test_each_fake_finds_its_part(self):
        world = parse(WHOLE)

        assert world.seed == 7
        assert world.now.isoformat() == "2026-01-05T09:00:00+00:00"
        assert world.salesforce.sync_user.username == "sync@acme.test"
        assert world.salesforce.sync_user.permission_sets == ("Lead Desk",)
        assert world.salesforce.field_permissions["Marketo Sync"]["Lead.Rating"] == "hidden"
        assert world.salesforce.generate[0].locales == ("en_US", "sv_SE")
        assert world.marketo.crm_sync == "external"
        assert world.links == [("anna", "anna")]
        assert world.sync["map"] == {"Lead.Region__c": "region"}

    def test_a_date_stays_text_for_the_field_to_read(self):
        assert parse(WHOLE).marketo.persons[0]["dateOfBirth"] == "1990-02-03"

    def test_an_administrator_is_added_when_none_is_named(self):
        assert parse(WHOLE).salesforce.administrator.username == "admin@syncrig.test"

    def test_without_a_scenario_the_documented_users_are_there(self):
        world = empty()

        assert world.salesforce.sync_user.username == "sync@syncrig.test"
        assert world.salesforce.sync_user.profile == "Marketo Sync"
        assert world.salesforce.administrator.username == "admin@syncrig.test"
        assert world.marketo.crm_sync == "native"

    def test_an_empty_file_is_an_empty_world(self):
        assert parse("").salesforce.records == {}


class TestWhereItIsLookedFor:
    def test_a_path_to_a_file_a_folder_and_a_name_under_scenarios(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        folder = tmp_path / "scenarios" / "mine"
        folder.mkdir(parents=True)
        (folder / "scenario.yaml").write_text("description: mine\n")

        for name in (str(folder / "scenario.yaml"), str(folder), "mine"):
            assert load(name).description == "mine"
            assert load(name).name == "mine"

    def test_those_that_came_with_the_package_are_found_from_anywhere(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        assert {"starter", "acme"} <= set(scenario.names())

    def test_one_that_is_nowhere_is_refused_with_the_names_that_are(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)

        with pytest.raises(ScenarioError, match="acne.*acme"):
            load("acne")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "line", "says"),
        [
            ("seed: 1\nsalesforc:\n  records: {}\n", 2, "'salesforc'; did you mean 'salesforce'"),
            ("salesforce:\n  record: {}\n", 2, "'record' in salesforce; did you mean 'records'"),
            ("marketo:\n  crm_sync: both\n", 2, "native, external, none"),
            ("seed: many\n", 1, "whole number"),
            ("salesforce:\n  users:\n    - {password: x}\n", 3, "'username'"),
            ("salesforce:\n  users:\n    - {username: bob}\n", 3, "address such as"),
            ("salesforce:\n  fields:\n    Region__c: {type: Text}\n", 3, "SOBJECT.NAME"),
            ("salesforce:\n  fields:\n    Lead.R__c:\n      typ: Text\n", 4, "'typ'"),
            ("salesforce:\n  validation_rules:\n    Lead.A: {formula: 'true'}\n", 3, "'message'"),
            ("now: yesterday\n", 1, "ISO 8601"),
            ("links: [[anna, anna]]\n", 1, "no Salesforce record has the ref 'anna'"),
            ("salesforce:\n  org: nowhere\n", 2, "no such folder"),
            ("seed: 1\nseed: 2\n", 2, "stands twice"),
            ("seed: [1\n", 2, "not YAML"),
            ("- a list\n", 1, "mapping"),
            ("marketo:\n  campaigns: [{name: A}]\n", 2, "'flow'"),
            (
                "salesforce:\n  users:\n    - {username: a@b.test, sync_user: true}\n"
                "    - {username: c@d.test, sync_user: true}\n",
                2,
                "only one user",
            ),
        ],
    )
    def test_one_line_names_file_line_and_remedy(self, tmp_path, text, line, says):
        path = tmp_path / "scenario.yaml"
        path.write_text(text)

        with pytest.raises(ScenarioError) as refused:
            load(str(path))

        message = str(refused.value)
        assert message.startswith(f"{path}:{line}: ")
        assert says in message
        assert "\n" not in message

    def test_bytes_that_are_no_text_are_refused(self, tmp_path):
        path = tmp_path / "scenario.yaml"
        path.write_bytes(b"\xff\xfe\x00")

        with pytest.raises(ScenarioError, match="cannot be read"):
            load(str(path))

    def test_yaml_cannot_build_objects(self, tmp_path):
        path = tmp_path / "scenario.yaml"
        path.write_text("description: !!python/object/apply:os.getcwd []\n")

        with pytest.raises(ScenarioError):
            load(str(path))
