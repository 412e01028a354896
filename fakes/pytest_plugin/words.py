"""Field names as features say them: Salesforce's word for a person's field, whichever system it is asked of.

The standard words follow the vendor's page *Default Salesforce Field Mapping*; every other word is taken as it stands,
so ``Region__c`` means the field of that API name on both sides (a synced custom field keeps it), and ``leadScore``
Marketo's.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One field of a person: its names on Lead, on Contact, and in Marketo's REST API; None: there is no such field."""

    lead: str | None
    contact: str | None
    marketo: str


_SAME = {
    "FirstName": "firstName",
    "LastName": "lastName",
    "Salutation": "salutation",
    "Title": "title",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "mobilePhone",
    "Fax": "fax",
    "LeadSource": "leadSource",
    "HasOptedOutOfEmail": "unsubscribed",
    "Description": "mktoPersonNotes",
}
_LEAD_ONLY = {
    "Company": "company",
    "Status": "leadStatus",
    "Rating": "rating",
    "Industry": "industry",
    "Website": "website",
    "AnnualRevenue": "annualRevenue",
    "NumberOfEmployees": "numberOfEmployees",
}
_ADDRESS = {
    "Street": "address",
    "City": "city",
    "State": "state",
    "PostalCode": "postalCode",
    "Country": "country",
}

WORDS: dict[str, Word] = {
    **{name: Word(name, name, marketo) for name, marketo in _SAME.items()},
    **{name: Word(name, None, marketo) for name, marketo in _LEAD_ONLY.items()},
    **{name: Word(name, f"Mailing{name}", marketo) for name, marketo in _ADDRESS.items()},
    "Birthdate": Word(None, "Birthdate", "dateOfBirth"),
}


class NoSuchField(LookupError):
    """The sobject has no field for this word; the message names one that has."""


def salesforce_name(word: str, sobject: str) -> str:
    """The field's API name on Lead or Contact.

    Raises:
        NoSuchField: this sobject has none.
    """
    known = WORDS.get(word)
    if known is None or sobject not in {"Lead", "Contact"}:
        return word
    name = known.lead if sobject == "Lead" else known.contact
    if name is None:
        raise NoSuchField(
            f"a {sobject} has no {word}; it stands on the {'Contact' if sobject == 'Lead' else 'Lead'} only"
        )
    return name


def marketo_name(word: str) -> str:
    """The field's REST name in Marketo."""
    known = WORDS.get(word)
    return known.marketo if known else word
