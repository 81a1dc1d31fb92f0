"""What BentoML itself costs: an endpoint that takes nothing, does nothing and answers nothing.

It is asynchronous, the cheapest kind there is, and set as our service is: no metrics, no log of
requests, one worker.
"""

from __future__ import annotations

import bentoml

SERVICE = "tests.benchmarks.rivals.empty:EmptyService"
PATH = "/empty"


@bentoml.service(name="empty", metrics={"enabled": False}, logging={"access": {"enabled": False}})
class EmptyService:
    @bentoml.api
    async def empty(self) -> None:
        return None
