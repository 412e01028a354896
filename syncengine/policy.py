"""Who wins a conflict: named presets, per object, with exceptions per field.

The vendor's own pages differ by object: on a Lead Marketo wins, on a Contact Salesforce.
Sources: "SFDC Sync: Lead Sync", "SFDC Sync: Contact Sync".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from syncengine.model import Shown, Side

if TYPE_CHECKING:
    from collections.abc import Mapping


class Rule(StrEnum):
    """How one conflict is decided."""

    MARKETO = "marketo"
    SALESFORCE = "salesforce"
    NEWEST = "newest"
    ASK = "ask"


NATIVE: Mapping[str, Rule] = {"Lead": Rule.MARKETO, "Contact": Rule.SALESFORCE}

PRESETS: Mapping[str, Mapping[str, Rule]] = {
    "marketo-native": NATIVE,
    "marketo-wins": dict.fromkeys(NATIVE, Rule.MARKETO),
    "salesforce-wins": dict.fromkeys(NATIVE, Rule.SALESFORCE),
    "newest": dict.fromkeys(NATIVE, Rule.NEWEST),
    "ask": dict.fromkeys(NATIVE, Rule.ASK),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """A preset's name, and the exceptions to it: ``Lead`` or ``Lead.Phone`` to a rule."""

    name: str = "marketo-native"
    rules: Mapping[str, Rule] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, rules: Mapping[str, str]) -> Policy:
        """The policy that the settings name.

        Raises:
            ValueError: no such preset or rule.
        """
        if name not in PRESETS:
            raise ValueError(f"unknown policy {name!r}: one of {', '.join(PRESETS)}")
        return cls(name, {path: Rule(rule) for path, rule in rules.items()})

    def rule(self, sobject: str, salesforce_field: str) -> Rule:
        """The rule for one field: its own, else its object's, else the preset's."""
        for path in (f"{sobject}.{salesforce_field}", sobject):
            if path in self.rules:
                return self.rules[path]
        return PRESETS[self.name][sobject]

    def winner(
        self, sobject: str, salesforce_field: str, name: str, salesforce: Shown | None, marketo: Shown | None
    ) -> tuple[Side | None, Rule]:
        """The side whose value stands, and the rule that said so; no side means that a person must say.

        ``newest`` compares Marketo's time of the field with Salesforce's of the record, which is the latest the
        field can have changed; without both times the native rule decides.
        """
        rule = self.rule(sobject, salesforce_field)
        if rule is Rule.ASK:
            return None, rule
        if rule is Rule.NEWEST:
            certain = marketo.field_times.get(name) if marketo else None
            possible = salesforce.at if salesforce else None
            if certain is not None and possible is not None:
                return (Side.MARKETO if certain >= possible else Side.SALESFORCE), rule
            return Side(NATIVE[sobject].value), rule
        return Side(rule.value), rule
