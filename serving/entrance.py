"""What every request passes on its way in: the watch, a place to be worked on, the gate.

Invariant: the order. A request is told in the log whoever refuses it; and looking a key up is work
that takes a place, so that callers without a key cannot crowd the store.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from starlette.types import ASGIApp

from serving.capacity import Capacity
from serving.gate import Doorkeeper, Gate
from serving.requests import Limits
from serving.roles import Permission
from serving.templates import Templates
from serving.watch import Watch

__all__ = ["entrance"]


def entrance(
    app: ASGIApp,
    doorkeeper: Callable[[], Doorkeeper],
    limits: Limits,
    templates: Callable[[], Templates],
    needs: Mapping[str, Permission] = MappingProxyType({}),
) -> ASGIApp:
    """Set the entrance before an application.

    Parameters
    ----------
    app, doorkeeper, limits, needs
        As the gate takes them.
    templates : callable
        Returns the documented paths.
    """
    return Watch(Capacity(Gate(app, doorkeeper, limits, needs), limits), templates)
