"""What of Marketo's REST API is modelled, generated from the routes themselves: ``docs/marketo-coverage.md``.

``python -m fakes.marketo.coverage`` prints the document; a test compares it with the file.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fakes.kit.clock import VirtualClock
from fakes.kit.scenario import MarketoPart

from .activity_types import NATIVE, standard_types
from .api.not_modelled import PATHS
from .app import API, create_app
from .instance import Instance
from .steps import KINDS, NOT_MODELLED

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = """\
# What the fake Marketo models

Generated from the code by `python -m fakes.marketo.coverage`; do not edit.

A call that is not modelled answers code 610 with `Not modelled by this fake`, and `GET /_fake/not-modelled` counts it.
"""


def document() -> str:
    """The coverage document as Markdown."""
    return "\n".join([_HEAD, *_modelled(), *_refused(), *_flow_steps(), *_activities()]) + "\n"


def _modelled() -> Iterator[str]:
    instance = Instance.build(MarketoPart(), clock=VirtualClock(), seed=0)
    rows = set()
    for rule in create_app(instance, side_door=False).url_map.iter_rules():
        if rule.rule.startswith((*API, "/identity/")) and not rule.endpoint.startswith("not_modelled."):
            verbs = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
            rows.add(f"| `{' '.join(verbs)}` | `{_plain(rule.rule)}` |")
    instance.close()
    yield from ("## Modelled", "", "| verb | path |", "|---|---|")
    yield from sorted(rows, key=lambda row: (row.split("|")[2], row))
    yield from ("", "Every `GET` also comes as a `POST` with `_method=GET`, in the address or in a form.", "")


def _refused() -> Iterator[str]:
    yield from ("## Not modelled", "", "| part | verbs | path |", "|---|---|---|")
    yield from (f"| {name} | `{verbs}` | `{_plain(path)}` |" for path, verbs, name in sorted(PATHS))
    yield from (
        "",
        "With `crm_sync: native`, companies, opportunities, roles and sales persons answer 1018 `CRM Enabled`.",
        "`merge` with `mergeInCRM=true` is not modelled.",
        "",
    )


def _flow_steps() -> Iterator[str]:
    yield from ("## Flow steps", "", "| step | parameters | run by |", "|---|---|---|")
    for kind in KINDS.values():
        words = ", ".join([f"`{name}`" for name in kind.required] + [f"`{name}`?" for name in kind.optional])
        yield f"| {kind.name} | {words} | {'the engine' if kind.action else 'the fake'} |"
    yield from ("", f"Refused by name when a campaign is given: {', '.join(sorted(NOT_MODELLED))}.", "")


def _activities() -> Iterator[str]:
    yield from ("## Activity types", "", "| id | name | the connector user may add it |", "|---|---|---|")
    for kind in standard_types().values():
        yield f"| {kind.id} | {kind.name} | {'yes' if kind.id in NATIVE else ''} |"


def _plain(rule: str) -> str:
    return rule.replace("<int:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}")


if __name__ == "__main__":
    sys.stdout.write(document())
