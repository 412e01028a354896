"""People in bulk, from seeded Faker: the same seed gives the same people, in the languages asked for."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from faker import Faker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NOT_ALPHANUMERIC = re.compile(r"[^a-z0-9]+")


def people(seed: int, count: int, locales: Sequence[str] = ("en_US",)) -> Iterator[dict[str, str]]:
    """So many people, in turn of each locale: FirstName, LastName, Company, Title, Email, Phone, Street, City,
    PostalCode, Country, Website. E-mail addresses are unique and end in ``.example.com``, which nobody can own.

    Raises:
        ValueError: Faker does not know a locale; the message names it.
    """  # noqa: D205
    fakers = []
    for locale in locales or ("en_US",):
        try:
            faker = Faker(locale)
        except AttributeError:
            raise ValueError(f"{locale!r} is not a locale that Faker knows, such as en_US or sv_SE") from None
        faker.seed_instance(f"{seed}/{locale}")
        fakers.append((locale, faker))
    for number in range(count):
        locale, faker = fakers[number % len(fakers)]
        first, last, company = faker.first_name(), faker.last_name(), faker.company()
        domain = f"{_ascii(company)[:24].strip('-') or 'company'}.example.com"
        yield {
            "FirstName": first[:40],
            "LastName": last[:80],
            "Company": company[:255],
            "Title": faker.job()[:128],
            "Email": f"{_ascii(first)[:12] or 'p'}.{_ascii(last)[:16] or 'p'}.{number + 1}@{domain}",
            "Phone": faker.phone_number()[:40],
            "Street": faker.street_address().replace("\n", ", ")[:255],
            "City": faker.city()[:40],
            "PostalCode": faker.postcode()[:20],
            "Country": locale.partition("_")[2] or locale,
            "Website": f"https://www.{domain}",
        }


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_ALPHANUMERIC.sub("-", plain).strip("-")
