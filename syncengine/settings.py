"""What can be set about a sync: plain data that ``config.py`` fills from the file and the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """The settings of one sync; every default is what Marketo's own sync does.

    Args:
        policy: a preset of ``policy.PRESETS``: marketo-native, marketo-wins, salesforce-wins, newest, ask.
        rules: exceptions to the preset, ``"Lead"`` or ``"Lead.Phone"`` to one of
            ``marketo``, ``salesforce``, ``newest``, ``ask`` (the names of ``policy.Rule``).
        objects: the person sobjects that take part, in the order in which they are read.
        field_map: ``"Lead.Region__c"`` to the REST name of a lead field, or to an empty text to leave it out.
        pause: from the end of one cycle to the start of the next.
        overlap: how far before its watermark each side is read again, by that side's own clock.
        salesforce_batch: records in one write to Salesforce; 200 is the most it takes.
        marketo_batch: leads in one call to Marketo; 300 is the most it takes.
        page_size: records in one page of a read from Salesforce.
        default_last_name: given to a new Lead whose person has none (VAL-10).
        default_company: given to a new Lead whose person has none (VAL-10).
        set_aside_after: unchanged cycles after which a refused write is no longer tried (U-07).
        marketo_id_field: the external id field in Salesforce that holds the id of the Marketo lead.
        lease_time: after how much silence another process may take over a cycle or a person's flow action.
        lease_wait: how long a flow action waits for another one on the same person.
        large_deletion: share of all links; more of them deleted between two cycles stops the sync (U-31).
    """

    policy: str = "marketo-native"
    rules: Mapping[str, str] = field(default_factory=dict)
    objects: tuple[str, ...] = ("Lead", "Contact")
    field_map: Mapping[str, str] = field(default_factory=dict)
    pause: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(minutes=5)
    salesforce_batch: int = 200
    marketo_batch: int = 300
    page_size: int = 2000
    default_last_name: str | None = None
    default_company: str | None = None
    set_aside_after: int = 20
    marketo_id_field: str = "Marketo_Id__c"
    lease_time: timedelta = timedelta(seconds=60)
    lease_wait: timedelta = timedelta(seconds=25)
    large_deletion: float = 0.5
