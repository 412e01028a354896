"""One Marketo instance: its fields, persons, activities, campaigns, clients and limits, and the time it lives in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from fakes.kit.database import Database
from fakes.kit.faults import Faults
from fakes.kit.journal import Journal
from fakes.kit.people import people
from fakes.kit.scenario import ScenarioError

from . import envelope
from .activities import Activities, Feed
from .activity_types import ActivityTypes
from .campaigns import Campaigns
from .engine_link import EngineLink
from .errors import RecordSkipped
from .fields import LeadField, scenario_field, standard
from .flow import FlowRunner
from .identity import CONNECTOR, Identity
from .leads import Leads
from .lists import Lists
from .merge import Merge
from .origin import SCENARIO
from .quota import Limits, Quota
from .steps import FlowRefused
from .store import Store

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    import requests

    from fakes.kit.clock import Clock
    from fakes.kit.scenario import GenerateSpec, MarketoPart

CONNECTOR_ID, CONNECTOR_SECRET = CONNECTOR.client_id, CONNECTOR.client_secret

PAST = timedelta(days=1)
"""The people of a scenario came so long before it starts: a reader's overlap does not meet their creation."""

EXTERNAL_LINK = {"syncrigSfdcId": "Syncrig SFDC Id", "syncrigSfdcType": "Syncrig SFDC Type"}
"""Custom fields in which an engine keeps the link where no native sync does; REST name and display name."""

_PERSON_OF = {
    "FirstName": "firstName",
    "LastName": "lastName",
    "Company": "company",
    "Title": "title",
    "Email": "email",
    "Phone": "phone",
    "Street": "address",
    "City": "city",
    "State": "state",
    "PostalCode": "postalCode",
    "Country": "country",
    "Website": "website",
}


@dataclass(frozen=True)
class _Snapshot:
    image: sqlite3.Connection
    random: tuple[Any, ...]
    tokens: Any
    quota: Any
    feed: Feed


class _Earlier:
    """The clock of a scenario's past."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.by = timedelta()

    def now(self) -> datetime:
        return self._clock.now() - self.by

    def call_at(self, when: datetime, name: str, callback: Any) -> None:
        self._clock.call_at(when, name, callback)


class Instance:
    """One Marketo instance; see :meth:`build`."""

    name = "marketo"

    def __init__(self, database: Database, *, clock: Clock, seed: int, crm_sync: str, strict: bool = False) -> None:
        self.database = database
        self.clock = clock
        self.crm_sync = crm_sync
        self.strict = strict
        self.journal = Journal()
        self.faults = Faults()
        self.resumed = False
        """Whether the world was kept in a folder and is taken up again."""
        self.random = Random(f"marketo/{seed}")  # noqa: S311  ids of a fake shall be the same for the same seed
        self.native = crm_sync == "native"
        self.store = Store(database)
        self.fields = standard(native=self.native)
        self.store.add_columns(self.fields)
        for definition in self.store.kept_fields():
            self.fields.put(LeadField.from_json(definition))
        self._time = _Earlier(clock)
        self.activity_types = ActivityTypes(self.store)
        self.activities = Activities(self.store, self.fields, self.activity_types, self._time)
        self.leads = Leads(self.store, self.fields, self.activities, self._time, native=self.native)
        self.merge = Merge(self.store, self.fields, self.leads, self.activities, native=self.native)
        self.lists = Lists(self.store, self.activities, self._time)
        self.campaigns = Campaigns(self.store, self.fields, self.activities, self._time)
        self.flow = FlowRunner(
            self.store,
            self.leads,
            self.activities,
            self.lists,
            self.campaigns,
            clock,
            self.random,
            self.journal,
            crm=crm_sync != "none",
        )
        self.identity = Identity(clock, self.random, native=self.native)
        self.quota = Quota(clock)

    @classmethod
    def build(
        cls, part: MarketoPart, *, clock: Clock, seed: int, data: Path | None = None, strict: bool = False
    ) -> Instance:
        """The instance that a scenario describes.

        Args:
            data: a folder; a world that was kept there is taken up again instead of being built.

        Raises:
            ScenarioError: a field, person or campaign that cannot be; the message names it.
        """
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        database = Database(None if data is None else data / "marketo.sqlite3")
        instance = cls(database, clock=clock, seed=seed, crm_sync=part.crm_sync, strict=strict)
        if not instance.store.is_empty():
            instance.resumed = True
            instance.flow.rebook()
            return instance
        with instance.store.transaction():
            instance.store.begin()
            instance._time.by = PAST
            try:
                instance._populate(part, seed)
            finally:
                instance._time.by = timedelta()
        return instance

    # --- what a scenario knows ---

    @property
    def refs(self) -> dict[str, int]:
        """The ids of the scenario's persons by their refs; generated ones are ``generated-1`` and so on."""
        return self.store.refs()

    def link(self, person_ref: str, salesforce_id: str, sobject: str) -> None:
        """Let a person be linked to a Salesforce record already, without a trace in the activity log.

        In a world that was taken up again this has happened long ago, and nothing is done.

        Raises:
            KeyError: no person has that ref.
        """
        if self.resumed:
            return
        lead_id = self.refs[person_ref]
        with self.store.transaction():
            if self.native:
                own = {"Lead": "sfdcLeadId", "Contact": "sfdcContactId"}[sobject]
                self.store.update_lead(
                    lead_id,
                    {
                        own: salesforce_id,
                        "sfdcId": salesforce_id,
                        "sfdcType": sobject,
                        "isLead": int(sobject == "Lead"),
                        "personType": sobject.lower(),
                    },
                )
                return
            for name, label in EXTERNAL_LINK.items():
                if name not in self.fields:
                    self.add_field(
                        LeadField(
                            self.fields.next_id(),
                            name,
                            label,
                            "string",
                            255,
                            soap_name=name,
                            custom=True,
                            api_created=True,
                        )
                    )
            self.store.update_lead(lead_id, {"syncrigSfdcId": salesforce_id, "syncrigSfdcType": sobject})

    def connect_engine(self, url: str, secret: str = "", session: requests.Session | None = None) -> None:
        """From now on Salesforce flow steps are run by the engine at this address."""
        self.flow.engine = EngineLink(url, secret) if session is None else EngineLink(url, secret, session)

    def disconnect_engine(self) -> None:
        """From now on no engine runs Salesforce flow steps: they fail."""
        self.flow.engine = None

    @property
    def engine(self) -> EngineLink | None:
        """The engine that runs Salesforce flow steps, or None."""
        return self.flow.engine

    @property
    def limits(self) -> Limits:
        """What the instance allows; assign a changed one."""
        return self.quota.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.quota.limits = limits

    def add_field(self, field: LeadField) -> None:
        """Add a lead field, or change one."""
        known = self.fields.get(field.name)
        with self.store.transaction():
            self.store.keep_field(field)
            self.store.add_columns([field])
        self.fields.put(field)
        if known is not None and (known.data_type, known.length) != (field.data_type, field.length):
            self.leads.retype(field)

    # --- kit.control.Fake ---

    def snapshot(self) -> object:
        """Everything that belongs to the state; the connection to an engine and ordered faults do not."""
        return _Snapshot(
            self.database.image(),
            self.random.getstate(),
            self.identity.snapshot(),
            self.quota.snapshot(),
            self.activities.feed,
        )

    def restore(self, snapshot: object) -> None:
        """Go back to a snapshot; it stays good for another time."""
        if not isinstance(snapshot, _Snapshot):
            raise TypeError("not a snapshot of a Marketo instance")
        self.flow.forget()
        with self.database.lock:
            self.database.load(snapshot.image)
            self.store.reload()
            self.fields.reset(standard(native=self.native))
            for definition in self.store.kept_fields():
                self.fields.put(LeadField.from_json(definition))
        self.random.setstate(snapshot.random)
        self.identity.restore(snapshot.tokens)
        self.quota.restore(snapshot.quota)
        self.activities.feed = snapshot.feed

    def refusal(self, code: str) -> tuple[int, str, str]:
        """Marketo's answer for one of its codes, for an ordered fault."""
        request_id = self.request_id()
        return 200, envelope.dumps(envelope.refusal_body(request_id, code)), envelope.JSON

    def idle(self, seconds: float) -> bool:
        """Whether the flow steps that are due have run."""
        return self.flow.idle(seconds)

    def request_id(self) -> str:
        """The id of a call."""
        return envelope.request_id(self.random, int(self.clock.now().timestamp() * 1000))

    def close(self) -> None:
        """End the worker and give the database back."""
        self.flow.stop()
        self.flow.idle(1.0)
        self.database.close()

    # --- building ---

    def _populate(self, part: MarketoPart, seed: int) -> None:
        for name, words in part.fields.items():
            try:
                self.add_field(scenario_field(name, words, self.fields))
            except ValueError as problem:
                raise ScenarioError(f"marketo.fields.{name}: {problem}") from None
        self.campaigns.create_standard()
        for index, campaign in enumerate(part.campaigns):
            try:
                self.campaigns.create(campaign.get("name"), campaign.get("flow"))
            except FlowRefused as problem:
                raise ScenarioError(f"marketo.campaigns[{index}]: {campaign.get('name')!r}: {problem}") from None
            except ValueError as problem:
                raise ScenarioError(f"marketo.campaigns[{index}]: {problem}") from None
        for index, person in enumerate(part.persons):
            self._add_person(person, f"marketo.persons[{index}]")
        for spec in part.generate:
            self._generate(spec, seed)

    def _add_person(self, person: Mapping[str, Any], where: str) -> int:
        values = {name: value for name, value in person.items() if name != "ref"}
        for name in values:
            field = self.fields.get(name)
            if field is None:
                known = self.fields.named(name)
                hint = f"; its REST name is {known.name!r}" if known else ""
                raise ScenarioError(f"{where}: there is no field {name!r}{hint}")
            if field.read_only or field.written_by_marketo_only:
                raise ScenarioError(f"{where}: {name!r} is read-only")
        try:
            lead_id = self.leads.create(values, SCENARIO)
        except RecordSkipped as skip:
            raise ScenarioError(f"{where}: {skip.message}") from None
        if "ref" in person:
            try:
                self.store.run("INSERT INTO ref (name, lead_id) VALUES (?, ?)", (person["ref"], lead_id))
            except self.database.connection.IntegrityError:
                raise ScenarioError(f"{where}: the ref stands twice") from None
        return lead_id

    def _generate(self, spec: GenerateSpec, seed: int) -> None:
        first = self.store.count_leads()
        try:
            for number, generated in enumerate(people(seed, spec.count, spec.locales), 1):
                person = {_PERSON_OF[name]: value for name, value in generated.items() if name in _PERSON_OF}
                self._add_person({**person, "ref": f"generated-{first + number}"}, "marketo.generate")
        except ValueError as problem:
            raise ScenarioError(f"marketo.generate: {problem}") from None
