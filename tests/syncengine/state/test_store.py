"""What the engine remembers, and that it forgets nothing when a process dies."""

import multiprocessing
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

from syncengine.actions import Create, EndLink, FlagDeleted, LinkUp, MoveLink, Outcome, Remember, Update
from syncengine.errors import Busy, StateError
from syncengine.model import Agreed, Conflict, Refusal, Side
from syncengine.state.migrate import MIGRATIONS, to_head
from syncengine.state.store import Letter, StateStore, Token
from syncengine.state.tables import HEAD, metadata
from syncengine.writers import refused

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SALESFORCE, MARKETO = Side.SALESFORCE, Side.MARKETO


def action(kind, side=MARKETO, marketo_id=7, **more):
    return kind(side=side, sobject="Lead", salesforce_id="00Q1", marketo_id=marketo_id, reason="test", **more)


def done(kind, **more):
    marketo_id = more.pop("new_id", None)
    return Outcome(action(kind, **more), "done", marketo_id=marketo_id)


@pytest.fixture
def linked(state):
    """Person 7 is Lead 00Q1, last synced with phone 1 and title CTO."""
    agreed = Agreed({"phone": "1", "title": "CTO"})
    state.remember("run", NOON, [done(Create, marketo_id=None, agreed=agreed, stamp="s1", new_id=7)])
    return state


def link(state):
    return state.links_of([7])[7]


class TestOpening:
    def test_a_new_database_is_made_at_once(self, tmp_path):
        StateStore.open(f"sqlite:///{tmp_path}/deep/er/state.db").close()

        assert (tmp_path / "deep/er/state.db").exists()

    def test_what_was_remembered_is_there_again(self, tmp_path):
        url = f"sqlite:///{tmp_path}/state.db"
        first = StateStore.open(url)
        first.keep("x", {"a": [1]})
        first.close()

        second = StateStore.open(url)

        assert second.note("x") == {"a": [1]}
        second.close()

    def test_migrations_and_tables_say_the_same(self, tmp_path):
        made, migrated = create_engine("sqlite://"), create_engine(f"sqlite:///{tmp_path}/m.db")
        metadata.create_all(made)
        with migrated.begin() as connection:
            to_head(connection)

        def shape(engine):
            seen = inspect(engine)
            return {
                table: (
                    [(c["name"], str(c["type"]), c["nullable"], c["default"]) for c in seen.get_columns(table)],
                    seen.get_pk_constraint(table)["constrained_columns"],
                    sorted((i["name"], *i["column_names"]) for i in seen.get_indexes(table)),
                    [u["column_names"] for u in seen.get_unique_constraints(table)],
                )
                for table in seen.get_table_names()
                if table != "alembic_version"
            }

        assert shape(made) == shape(migrated)
        assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD
        made.dispose()
        migrated.dispose()

    def test_a_database_of_an_unknown_age_is_left_alone(self, tmp_path):
        path = tmp_path / "state.db"
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('0000')")
        connection.commit()
        connection.close()

        with pytest.raises(StateError, match="0000"):  # there never was such a migration
            StateStore.open(f"sqlite:///{path}")

    @pytest.mark.parametrize(("version", "said"), [("9999", "newer syncrig"), (None, "another program")])
    def test_a_database_of_somebody_else_is_left_alone(self, tmp_path, version, said):
        engine = create_engine(f"sqlite:///{tmp_path}/state.db")
        with engine.begin() as connection:
            if version:
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
                connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))
            else:
                connection.execute(text("CREATE TABLE theirs (id INTEGER)"))
        engine.dispose()

        with pytest.raises(StateError, match=said):
            StateStore.open(f"sqlite:///{tmp_path}/state.db")

    @pytest.mark.parametrize("url", ["nonsense", "sqlite:////proc/no/such/state.db", "whatever://x"])
    def test_a_url_that_cannot_be_used_is_said_in_one_line(self, url):
        with pytest.raises(StateError) as problem:
            StateStore.open(url)

        assert str(problem.value).startswith(f"state {url}: ")
        assert "\n" not in str(problem.value)


class TestLinks:
    def test_a_new_person_is_linked_with_what_was_agreed(self, linked):
        assert link(linked).salesforce_id == "00Q1"
        assert link(linked).agreed.values == {"phone": "1", "title": "CTO"}
        assert linked.links_to(["00Q1"]) == {"00Q1": link(linked)}
        assert linked.count_links() == 1

    def test_an_update_changes_its_own_fields_only(self, linked):
        linked.remember("run", NOON, [done(Update, values={"phone": "2"}, stamp="s2")])

        assert link(linked).agreed.values == {"phone": "2", "title": "CTO"}
        assert link(linked).stamp == "s2"

    def test_several_outcomes_of_one_person_add_up(self, linked):
        linked.remember(
            "run",
            NOON,
            [done(Update, side=SALESFORCE, values={"phone": "2"}), done(Remember, values={"title": "CEO"})],
        )

        assert link(linked).agreed.values == {"phone": "2", "title": "CEO"}

    def test_a_link_moves_with_a_conversion(self, linked):
        moved = MoveLink(
            side=MARKETO,
            sobject="Contact",
            salesforce_id="0031",
            marketo_id=7,
            lead_id="00Q1",
            values={"phone": "2"},
            apart={"title": "CTO"},
            reason="test",
        )
        linked.remember("run", NOON, [Outcome(moved, "done")])

        assert (link(linked).sobject, link(linked).salesforce_id) == ("Contact", "0031")
        assert link(linked).agreed.on(MARKETO, "title") == "CTO"
        assert linked.links_to(["00Q1"]) == {}

    def test_a_field_written_is_apart_no_more(self, linked):
        self.test_a_link_moves_with_a_conversion(linked)
        linked.remember("run", NOON, [done(Update, values={"title": "CEO"})])

        assert link(linked).agreed.apart == {}

    def test_flags(self, linked):
        linked.remember("run", NOON, [done(FlagDeleted, values={"gone": True}, deleted=True)])
        assert link(linked).deleted
        linked.remember("run", NOON, [done(FlagDeleted, values={"gone": False}, deleted=False)])
        assert not link(linked).deleted

    def test_an_ended_link_gives_way_to_a_new_person(self, linked):
        linked.remember("run", NOON, [done(EndLink)])
        ended = link(linked).ended
        linked.remember("run", NOON, [done(Create, marketo_id=None, new_id=8)])

        assert ended
        assert linked.links_of([7]) == {}
        assert linked.links_to(["00Q1"])["00Q1"].marketo_id == 8

    def test_linking_up(self, state):
        state.remember("run", NOON, [done(LinkUp, stamp="s1")])

        assert link(state).agreed == Agreed()

    def test_history_tells_what_happened(self, linked):
        linked.remember("run", NOON, [done(Update, values={"phone": "2"})])

        told = [(row["event"], row["details"]["values"]) for row in linked.history_of(marketo_id=7)]

        assert told == [("create", {}), ("update", {"phone": "2"})]


class TestRefusals:
    def refuse(self, state, value="2", **more):
        write = action(Update, side=SALESFORCE, values={"phone": value})
        state.remember("run", NOON, [refused(write, [Refusal("CODE", "no", ("Phone",))])], **more)

    def test_a_refused_push_is_pending_and_changes_nothing(self, linked):
        self.refuse(linked)

        assert [each.marketo_id for each in linked.pending()] == [7]
        assert link(linked).agreed.values["phone"] == "1"
        assert [row["errors"] for row in linked.refusals()] == [
            [{"code": "CODE", "message": "no", "fields": ["Phone"]}]
        ]

    def test_the_same_refusal_is_one_row_that_counts(self, linked):
        self.refuse(linked)
        self.refuse(linked)

        assert [row["times"] for row in linked.refusals()] == [2]
        assert link(linked).attempts == 2

    def test_another_value_begins_anew(self, linked):
        self.refuse(linked)
        self.refuse(linked, "3")

        assert link(linked).attempts == 1

    def test_after_so_many_it_is_set_aside_until_rearmed(self, linked):
        for _ in range(3):
            self.refuse(linked, set_aside_after=3)
        set_aside = linked.pending()
        linked.rearm()

        assert set_aside == []
        assert [each.marketo_id for each in linked.pending()] == [7]

    def test_success_settles_it(self, linked):
        self.refuse(linked)
        linked.remember("run", NOON, [done(Update, side=SALESFORCE, values={"phone": "2"})])

        assert linked.pending() == []
        assert linked.refusals() == []
        assert len(linked.refusals(open_only=False)) == 1

    def test_a_refused_create_is_remembered_by_its_record(self, state):
        write = action(Create, marketo_id=None)
        state.remember("run", NOON, [refused(write, [Refusal("1003", "no")])])

        assert state.refused_creates("Lead") == ["00Q1"]
        state.remember("run", NOON, [done(Create, marketo_id=None, new_id=8)])
        assert state.refused_creates("Lead") == []

    def test_a_conflict_is_recorded_once(self, state):
        conflict = Conflict("Lead", "00Q1", 7, "phone", "2", "3", "1", MARKETO, "marketo")

        assert state.remember_conflicts("run", NOON, [conflict]) == [conflict]
        assert state.remember_conflicts("run", NOON, [conflict]) == []


class TestIntents:
    def test_an_intent_stays_until_its_outcome(self, linked):
        write = action(Update, side=SALESFORCE, values={"phone": "2"})
        (number,) = linked.intend("run", "cycle", NOON, [write])
        (intent,) = linked.intents(holder="cycle")

        linked.remember("run", NOON, [Outcome(write, "done", intent=number)])

        assert (intent.action, intent.at) == (write, NOON)
        assert linked.intents() == []

    @pytest.mark.parametrize(
        "kept",
        [
            action(Create, agreed=Agreed({"a": 1}, {"b": None}), assign_to="00G1"),
            action(MoveLink, lead_id="00Q1", apart={"a": "x"}),
            action(FlagDeleted, values={"f": True}),
        ],
    )
    def test_every_action_comes_back_as_it_was(self, state, kept):
        state.intend("run", "cycle", NOON, [kept])

        assert [intent.action for intent in state.intents()] == [kept]


class TestWatermarks:
    def test_none_before_the_first(self, state):
        assert state.watermark("Lead") is None
        assert state.tokens() == []

    def test_they_are_kept_exactly(self, state):
        stamp = NOON + timedelta(milliseconds=123)
        state.advance({"Lead": stamp}, Token("t", NOON), {}, overlap=5 * MINUTE)

        assert state.watermark("Lead") == stamp
        assert state.watermark("Contact") is None

    def test_positions_are_kept_for_the_overlap_and_one_before(self, state):
        for minute in range(0, 20, 2):
            state.advance({}, Token(str(minute), NOON + minute * MINUTE), {}, overlap=5 * MINUTE)

        assert [token.token for token in state.tokens()] == ["12", "14", "16", "18"]

    def test_an_activity_is_new_once(self, state):
        state.advance({}, Token("t", NOON), {"a": NOON}, overlap=5 * MINUTE)

        assert state.unseen(["a", "b"]) == {"b"}

    def test_activities_are_forgotten_long_after_they_can_be_read_again(self, state):
        state.advance({}, Token("t", NOON), {"a": NOON}, overlap=5 * MINUTE)
        for minute in (10, 30, 60):
            state.advance({}, Token("t", NOON + minute * MINUTE), {}, overlap=5 * MINUTE)

        assert state.unseen(["a"]) == {"a"}


class TestOutbox:
    def test_a_letter_with_a_known_key_is_not_written_again(self, state):
        state.post([Letter("k", 7, {"x": 1}), Letter("k", 7, {"x": 1})])
        state.sending(["k"], NOON)
        uncertain = state.letters()
        state.sent(["k"])
        state.post([Letter("k", 7, {"x": 1})])

        assert [letter.at for letter in uncertain] == [NOON]
        assert state.letters() == []


class TestFlowActions:
    def test_an_action_has_one_result(self, state):
        assert state.begin_flow_action("a", 7, "sync") is None
        assert state.begin_flow_action("a", 7, "sync") is None  # it was killed: its effect is looked for
        state.end_flow_action("a", {"status": "done"})

        assert state.begin_flow_action("a", 7, "sync") == {"status": "done"}


def hold_and_die(url):
    lease = StateStore.open(url).lease("cycle", time=timedelta(hours=1))
    lease.__enter__()


class TestLeases:
    def test_one_at_a_time(self, state):
        with state.lease("cycle", time=MINUTE), pytest.raises(Busy), state.lease("cycle", time=MINUTE):
            pass
        with state.lease("cycle", time=MINUTE):
            pass

    def test_another_name_is_another_lease(self, state):
        with state.lease("person:1", time=MINUTE), state.lease("person:2", time=MINUTE):
            pass

    def test_it_is_given_back_after_an_error(self, state):
        with pytest.raises(ZeroDivisionError), state.lease("cycle", time=MINUTE):
            raise ZeroDivisionError
        with state.lease("cycle", time=MINUTE):
            pass

    def test_a_dead_process_holds_nothing(self, tmp_path):
        url = f"sqlite:///{tmp_path}/state.db"
        process = multiprocessing.get_context("spawn").Process(target=hold_and_die, args=(url,))
        process.start()
        process.join()
        state = StateStore.open(url)

        with state.lease("cycle", time=MINUTE):
            pass
        state.close()

    def test_on_another_machine_it_ends_when_it_is_not_renewed(self, state):
        wall = [1000.0]
        state = StateStore(state._engine, wall=lambda: wall[0])
        with state._begin() as connection:
            connection.execute(text("INSERT INTO leases VALUES ('cycle', 'x:', 'elsewhere', 1, 1060)"))
        with pytest.raises(Busy), state.lease("cycle", time=MINUTE):
            pass
        wall[0] = 1061.0

        with state.lease("cycle", time=MINUTE) as lease:
            lease.renew()

    def test_a_holder_that_lost_it_is_told(self, state):
        with state.lease("cycle", time=MINUTE) as lease:
            with state._begin() as connection:
                connection.execute(text("UPDATE leases SET holder = 'somebody'"))

            with pytest.raises(Busy, match="taken over"):
                lease.renew()

    def test_it_waits_as_long_as_it_is_told(self, state):
        waits = []
        wall = [0.0]

        def sleep(seconds):
            waits.append(seconds)
            wall[0] += 1

        state = StateStore(state._engine, wall=lambda: wall[0], sleep=sleep)
        patient = state.lease("person:1", time=MINUTE, wait=timedelta(seconds=3))
        with state.lease("person:1", time=MINUTE), pytest.raises(Busy), patient:
            pass

        assert len(waits) == 3
