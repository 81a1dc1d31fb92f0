"""What BentoML itself costs: an endpoint that takes nothing, does nothing and answers nothing.

It is asynchronous, the cheapest kind there is. One service is as BentoML ships it, with metrics, a
log of requests and tracing; the other is set as our service is, which has none of BentoML's.
"""

from __future__ import annotations

import bentoml


@bentoml.service(name="empty")
class EmptyService:
    @bentoml.api
    async def empty(self) -> None:
        return None


@bentoml.service(name="bare", metrics={"enabled": False}, logging={"access": {"enabled": False}})
class BareService:
    @bentoml.api
    async def empty(self) -> None:
        return None
