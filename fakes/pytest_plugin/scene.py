"""People as features need them: in one system, in the other, or known to both and synced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .cycles import Cycles
    from .drivers import Marketo, Record, Salesforce

COMPANY = "Acme"


class Scene:
    """Puts people on the stage; what a feature does not mention gets a plain default."""

    def __init__(self, salesforce: Salesforce, marketo: Marketo, cycles: Cycles) -> None:
        self.salesforce = salesforce
        self.marketo = marketo
        self.cycles = cycles

    def in_salesforce(self, sobject: str, email: str, values: Mapping[str, Any] | None = None) -> Record:
        """A new Lead or Contact; a Contact belongs to the Account of its Company."""
        named = {"Email": email, "LastName": last_name(email), **(values or {})}
        if sobject == "Lead":
            named = {"Company": COMPANY, **named}
        elif "AccountId" not in named:
            account = self.salesforce.create("Account", {"Name": named.pop("Company", COMPANY)})
            named["AccountId"] = account.id
        return self.salesforce.create(sobject, {name: value for name, value in named.items() if value != ""})

    def in_marketo(self, email: str, values: Mapping[str, Any] | None = None) -> int:
        """A new person in Marketo only."""
        named = {"Email": email, "LastName": last_name(email), "Company": COMPANY, **(values or {})}
        return self.marketo.create({name: value for name, value in named.items() if value != ""})

    def in_both(self, sobject: str, people: Sequence[Mapping[str, Any]]) -> None:
        """People in Salesforce with these values, each with ``Email``, and synced: one cycle brings them to Marketo.

        Who is there already only has the values changed.
        """
        for person in people:
            values = dict(person)
            email = values.pop("Email")
            if found := self.salesforce.records(email):
                self.salesforce.update(found[0], values)
            else:
                self.in_salesforce(sobject, email, values)
        self.cycles.prepare()


def last_name(email: str) -> str:
    """A name out of an address: ``Ada`` for ada@example.com."""
    return email.partition("@")[0].replace(".", " ").title()


def rows(table: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """A table with a header line, as one mapping a row."""
    header, *body = table
    return [dict(zip(header, row, strict=True)) for row in body]


def pairs(table: Sequence[Sequence[str]]) -> dict[str, str]:
    """A table of two columns without a header: name and value."""
    return {name: value for name, value in table}  # noqa: C416  dict() would not say why three cells are too many
