"""Two fakes, Salesforce and Marketo, that real clients run against unchanged.

``up`` serves a world for as long as a ``with`` block lasts; ``fakes up`` on the command line serves one until Ctrl-C.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fakes.kit.clock import VirtualClock
    from fakes.kit.serve import Served

__all__ = ["Up", "__version__", "up"]

__version__ = "0.1.0"


@dataclass(frozen=True)
class Up:
    """A world on sockets: ``salesforce.url`` and ``marketo.url`` answer; ``env`` has the variables of the way in."""

    salesforce: Served
    marketo: Served
    clock: VirtualClock
    env: dict[str, str]


@contextmanager
def up(scenario: str | None = None, *, strict: bool = False) -> Iterator[Up]:
    """Both fakes on free ports of this machine, with a virtual clock, until the block is left.

    Args:
        scenario: a name or path; None: an empty world with the documented users and clients.
        strict: leave the block with an error when something was asked for that is not modelled.

    Raises:
        ScenarioError: the scenario cannot be loaded.
        NotModelled: at the end, with ``strict``.
    """
    # Imported here: whoever only wants the version, or the formula language, should not wait for two servers.
    from fakes.kit.clock import DEFAULT_START, VirtualClock  # noqa: PLC0415
    from fakes.kit.scenario import empty, load  # noqa: PLC0415
    from fakes.kit.serve import serve  # noqa: PLC0415
    from fakes.world import World  # noqa: PLC0415

    chosen = load(scenario) if scenario else empty()
    clock = VirtualClock(chosen.now or DEFAULT_START)
    world = World.build(chosen, clock=clock, strict=strict)
    salesforce = serve(world.salesforce_app)
    marketo = serve(world.marketo_app)
    try:
        yield Up(salesforce, marketo, clock, world.env(salesforce.url, marketo.url))
    finally:
        marketo.close()
        salesforce.close()
        world.close()
    if strict:
        world.check_modelled()
