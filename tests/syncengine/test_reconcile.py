"""The plan, as tables and as promises."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from syncengine.actions import Create, EndLink, FlagDeleted, LinkUp, MoveLink, Remember, SetAside, Update
from syncengine.mapping import FieldPair, ObjectMapping
from syncengine.model import Agreed, Link, Person, Shown, Side
from syncengine.policy import Policy
from syncengine.reconcile import needs_salesforce, plan_person

SALESFORCE, MARKETO = Side.SALESFORCE, Side.MARKETO
POLICY = Policy("marketo-native")


def field(name, **more):
    return FieldPair(name=name, salesforce=name.capitalize(), kind="text", **more)


FIELDS = (
    field("phone"),
    field("title"),
    field("rating", push=False, create=False),
    field("tier", push=False, create=False, calculated=True),
    FieldPair(name="sfdcIsDeleted", salesforce="IsDeleted", kind="boolean", push=False, create=False, shadow=True),
)
MAPPINGS = {sobject: ObjectMapping(sobject, FIELDS) for sobject in ("Lead", "Contact")}


def person(salesforce=None, marketo=None, *, agreed=None, sobject="Lead", link=None, moved=True, **more):
    """A linked person, last synced with ``agreed``; values not given were not read."""
    if agreed is not None:
        link = Link(7, sobject, "00Q1", Agreed(agreed), stamp="before")
    return Person(
        sobject,
        "00Q1",
        7 if link else None,
        salesforce=None if salesforce is None else Shown(salesforce, moved=moved),
        marketo=None if marketo is None else Shown(marketo),
        link=link,
        **more,
    )


def planned(someone, policy=POLICY):
    """What a plan writes, as (side, values), and what it remembers."""
    plan = plan_person(someone, MAPPINGS[someone.sobject], policy)
    return [(str(action.side) if action.writes else action.name, dict(action.values)) for action in plan.actions]


@pytest.mark.parametrize(
    ("salesforce", "marketo", "expected"),
    [
        pytest.param(None, "2", [("salesforce", {"phone": "2"})], id="changed in Marketo only: written to Salesforce"),
        pytest.param("2", None, [("marketo", {"phone": "2"})], id="changed in Salesforce only: written to Marketo"),
        pytest.param("2", "1", [("marketo", {"phone": "2"})], id="changed in Salesforce, read in Marketo as it was"),
        pytest.param("2", "2", [("remember", {"phone": "2"})], id="same change on both: remembered, not written"),
        pytest.param("2", "3", [("salesforce", {"phone": "3"})], id="conflict: the policy's side wins"),
        pytest.param("1", None, [], id="echo: nothing"),
        pytest.param("1", "1", [], id="read and equal: nothing"),
        pytest.param(None, "", [("salesforce", {"phone": ""})], id="cleared in Marketo"),
    ],
)
def test_plan_for_one_lead_last_synced_with_phone_1(salesforce, marketo, expected):
    someone = person(
        None if salesforce is None else {"phone": salesforce},
        None if marketo is None else {"phone": marketo},
        agreed={"phone": "1"},
    )

    assert planned(someone) == expected


@pytest.mark.parametrize(
    ("salesforce", "marketo", "expected"),
    [
        pytest.param("2", "1", [("marketo", {"rating": "2"})], id="Salesforce's change is taken"),
        pytest.param("1", "2", [], id="Marketo's stays in Marketo"),
        pytest.param("2", "3", [("marketo", {"rating": "2"})], id="both: Salesforce's is taken, and no conflict"),
    ],
)
def test_plan_for_a_field_that_may_only_be_read(salesforce, marketo, expected):
    someone = person({"rating": salesforce}, {"rating": marketo}, agreed={"rating": "1"})

    assert planned(someone) == expected  # FLD-12, CON-14
    assert plan_person(someone, MAPPINGS["Lead"], POLICY).conflicts == []


@pytest.mark.parametrize(
    ("sobject", "salesforce", "marketo", "expected"),
    [
        pytest.param("Lead", "1", None, [("link", {}), ("marketo", {"phone": "1"})], id="fills Marketo's empty field"),
        pytest.param("Lead", "1", "1", [("link", {}), ("remember", {"phone": "1"})], id="equal"),
        pytest.param("Lead", "1", "2", [("link", {}), ("salesforce", {"phone": "2"})], id="Lead: Marketo wins"),
        pytest.param("Contact", "1", "2", [("link", {}), ("marketo", {"phone": "1"})], id="Contact: Salesforce wins"),
        pytest.param("Lead", None, "2", [("link", {}), ("salesforce", {"phone": "2"})], id="Lead: Marketo's value"),
    ],
)
def test_first_link_of_two_existing_records(sobject, salesforce, marketo, expected):
    someone = replace(person({"phone": salesforce}, {"phone": marketo}, sobject=sobject), marketo_id=7)

    assert planned(someone) == expected


class TestPersonsWithoutALink:
    def test_a_new_record_becomes_a_person_with_what_it_has(self):
        (action,) = plan_person(person({"phone": "1", "title": None}), MAPPINGS["Lead"], POLICY).actions

        assert isinstance(action, Create)
        assert action.values == {"phone": "1"}
        assert action.agreed.values == {"phone": "1", "title": None}

    def test_zero_is_a_value(self):
        mapping = ObjectMapping("Lead", (FieldPair(name="n", salesforce="N", kind="number"),))

        (action,) = plan_person(person({"n": 0}), mapping, POLICY).actions

        assert action.values == {"n": 0}

    def test_a_marketo_only_person_is_left_alone(self):
        someone = Person("Lead", None, 7, marketo=Shown({"phone": "1"}))

        assert planned(someone) == []  # DIR-17

    def test_a_deleted_record_is_ignored(self):
        someone = replace(person({}), salesforce=Shown({}, deleted=True))

        assert planned(someone) == []  # LIF-17


class TestFormulas:
    def test_a_formula_waits_for_the_next_save_of_its_record(self):
        agreed = {"tier": "Silver", "title": "X"}

        assert planned(person({"tier": "Gold", "title": "X"}, agreed=agreed, moved=False)) == []  # CYC-22
        assert planned(person({"tier": "Gold", "title": "Y"}, agreed=agreed, moved=False)) == [
            ("marketo", {"title": "Y", "tier": "Gold"})
        ]
        assert planned(person({"tier": "Gold", "title": "X"}, agreed=agreed)) == [("marketo", {"tier": "Gold"})]


class TestLifecycle:
    def kinds(self, someone):
        return [type(action) for action in plan_person(someone, MAPPINGS[someone.sobject], POLICY).actions]

    def test_deleted_in_salesforce(self):
        someone = replace(person({}, agreed={"phone": "1"}), salesforce=Shown({}, deleted=True))

        (action,) = plan_person(someone, MAPPINGS["Lead"], POLICY).actions

        assert isinstance(action, FlagDeleted)
        assert action.values == {"sfdcIsDeleted": True}  # LIF-10

    def test_deleted_in_salesforce_and_edited_in_marketo(self):
        link = Link(7, "Lead", "00Q1", Agreed({"phone": "1"}), deleted=True)

        assert self.kinds(person(None, {"phone": "2"}, link=link)) == []  # CON-15

    def test_deleted_in_marketo(self):
        someone = replace(person(agreed={"phone": "1"}), marketo=Shown({}, deleted=True))

        assert self.kinds(someone) == [EndLink]  # LIF-12

    @pytest.mark.parametrize(
        ("shown", "made"),
        [
            (Shown({"phone": "1"}, moved=False), []),
            (Shown({"phone": "2"}, moved=False), [Create]),
            (Shown({"phone": "1"}, moved=True), [Create]),
            (Shown({"phone": "1"}, moved=True, ours=True), []),
        ],
        ids=["unchanged", "another value", "saved by somebody", "saved by ourselves"],
    )
    def test_the_next_update_makes_a_deleted_person_anew(self, shown, made):
        link = Link(7, "Lead", "00Q1", Agreed({"phone": "1"}), ended=True)

        assert self.kinds(replace(person(link=link), salesforce=shown)) == made

    def test_a_conversion_moves_the_link_and_keeps_what_it_left_empty(self):
        link = Link(7, "Lead", "00Q1", Agreed({"phone": "1", "title": "CEO"}))
        someone = person({"phone": "2", "title": None}, {"phone": "1", "title": "CEO"}, sobject="Contact", link=link)

        move, remember = plan_person(someone, MAPPINGS["Contact"], POLICY).actions

        assert isinstance(move, MoveLink)
        assert (move.values, move.apart) == ({"phone": "2"}, {"title": "CEO"})  # LIF-04, U-37
        assert isinstance(remember, Remember)

    def test_a_conversion_into_another_person_is_set_aside(self):
        link = Link(7, "Lead", "00Q1", Agreed({}))

        assert self.kinds(person({}, {}, sobject="Contact", link=link, duplicate_of=8)) == [SetAside]


class TestWhatThePlanMustSee:
    def test_a_field_never_synced_that_marketo_fills(self):
        assert needs_salesforce(person(None, {"title": "CEO"}, agreed={"phone": "1"}), MAPPINGS["Lead"])

    def test_not_a_field_that_was_synced(self):
        assert not needs_salesforce(person(None, {"phone": "2"}, agreed={"phone": "1"}), MAPPINGS["Lead"])

    def test_a_record_with_a_pending_write(self):
        link = Link(7, "Lead", "00Q1", Agreed({"phone": "1"}), attempts=1)

        assert needs_salesforce(person(None, {"phone": "2"}, link=link), MAPPINGS["Lead"])


VALUES = st.sampled_from([None, "1", "2", "3", "x" * 300])
SIDES = st.fixed_dictionaries({"phone": VALUES, "title": VALUES, "rating": VALUES})
IN_MARKETO = SIDES.map(lambda values: {name: value and value[:255] for name, value in values.items()})


@given(
    SIDES,
    IN_MARKETO,
    st.none() | SIDES,
    st.sampled_from(["Lead", "Contact"]),
    st.sampled_from(["marketo-native", "salesforce-wins", "newest"]),
)
def test_after_one_plan_both_sides_agree_and_a_second_plans_nothing(ours, theirs, agreed, sobject, preset):
    mapping, policy = MAPPINGS[sobject], Policy(preset)
    someone = person(ours, theirs, agreed=agreed, sobject=sobject)
    someone = replace(someone, marketo_id=7)
    known = dict(agreed or {})

    actions = plan_person(someone, mapping, policy).actions
    ours, theirs = dict(ours), dict(theirs)
    for action in actions:
        known |= action.values
        if isinstance(action, Update):
            side = ours if action.side is SALESFORCE else theirs
            side |= {name: mapping.by_name[name].held(action.side, value) for name, value in action.values.items()}
    linked = replace(someone, link=Link(7, sobject, "00Q1", Agreed(known), stamp="now"), stamp="now")
    again = replace(linked, salesforce=Shown(ours, moved=False), marketo=Shown(theirs))

    assert plan_person(again, mapping, policy).actions == []
    for pair in mapping.pairs:
        if pair.push and pair.name in ours:
            assert theirs[pair.name] == pair.held(MARKETO, ours[pair.name])
    assert (agreed is None) == any(isinstance(action, LinkUp) for action in actions)


@given(SIDES, IN_MARKETO, SIDES)
def test_only_what_somebody_changed_is_written(ours, theirs, agreed):
    plan = plan_person(person(ours, theirs, agreed=agreed), MAPPINGS["Lead"], POLICY)

    for action in plan.actions:
        if isinstance(action, Update):
            source = theirs if action.side is SALESFORCE else ours
            assert all(source[name] == value != agreed[name] for name, value in action.values.items())
