"""Files of queries and what they find, over one small org: ``cases/*.txt``.

A case is a query, ``=>`` and the names in order (``-`` for none), or ``=! CODE text`` for a refusal whose message
contains the text.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fakes.salesforce.errors import SalesforceError
from tests.fakes.salesforce.soql.world import World


def cases():
    for path in sorted(Path(__file__).with_name("cases").glob("*.txt")):
        query: list[str] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.startswith(("=> ", "=! ")):
                yield pytest.param("\n".join(query), line, id=f"{path.stem}:{number}")
                query = []
            elif line.strip() and not line.startswith("#"):
                query.append(line)


@pytest.fixture(scope="module")
def org() -> World:
    world = World()
    acme = world.add(
        "Account",
        Name="Acme",
        Vip__c=1,
        Score__c=10.0,
        BillingCity="Oslo",
        BillingLatitude=59.91,
        BillingLongitude=10.75,
    )
    world.add("Account", Name="bolt", Vip__c=0, BillingCity="Bergen", BillingLatitude=60.39, BillingLongitude=5.32)
    kari = world.add("Contact", Name="Kari", LastName="Kari", AccountId=acme, Email="kari@acme.no")
    world.add("Contact", Name="Lars", LastName="Lars", AccountId=acme)
    world.add("Contact", Name="Mona", LastName="Mona")
    world.add("Toy__c", Name="Ball", Keeper__c=kari)
    world.add("Toy__c", Name="Kite")
    leads = [
        {
            "LastName": "oneil",
            "Region__c": "O'Neil",
            "Score__c": 1.0,
            "Tier__c": "g",
            "Interests__c": "Red;Green",
            "Vip__c": 1,
        },
        {
            "LastName": "percent",
            "Region__c": "50%",
            "Score__c": 2.0,
            "Tier__c": "s",
            "Interests__c": "Green",
            "Code__c": "Ab1",
        },
        {
            "LastName": "under",
            "Region__c": "a_b",
            "Tier__c": "b",
            "Interests__c": "Red;Blue",
            "Birthday__c": "2026-01-13",
        },
        {
            "LastName": "aase",
            "Region__c": "ÅSE",
            "Score__c": -3.5,
            "Tier__c": "x",
            "Seen__c": "2026-01-14T07:59:59.000Z",
        },
        {"LastName": "blank", "Seen__c": "2026-01-14T08:00:00.000Z", "Firm__c": acme},
        {
            "LastName": "path",
            "Region__c": "C:\\temp",
            "Score__c": 7.0,
            "Opens__c": "09:30:00.000Z",
            "Birthday__c": "2026-01-14",
        },
        {"LastName": "bin", "Region__c": "O'Neil", "IsDeleted": 1},
    ]
    for lead in leads:
        world.add("Lead", Company="C", **lead)
    return world


@pytest.mark.parametrize(("query", "expected"), list(cases()))
def test_case(org, query, expected):
    outcome, _, wanted = expected.partition(" ")
    if outcome == "=!":
        code, _, text = wanted.partition(" ")
        with pytest.raises(SalesforceError) as refused:
            org.run(query)

        assert (refused.value.code, refused.value.http_status) == (code, 400)
        assert text in refused.value.message
    else:
        records = org.run(query).records

        first = [next(value for key, value in record.items() if key != "attributes") for record in records]
        assert (", ".join(str(value) for value in first) or "-") == wanted
