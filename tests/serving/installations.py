"""A home of a test's own with two versions of its model, and workers that serve it."""

import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from features.home import Home
from models.registry import Registry
from models.selection import Thresholds
from serving.app import create_app
from serving.assembly import assemble

PATH = "/v1/shipments/score"
SOON_S = 30


@dataclass(frozen=True)
class Installation:
    """A copy of the world's home; its second version sees red everywhere."""

    world: Any
    first: str
    second: str

    @property
    def home(self):
        return self.world.home

    @property
    def registry(self):
        return Registry(self.home)

    def name(self, alias, version):
        self.registry.set_alias("shipments", alias, version)

    def rows(self, prefix, count=1):
        """Make new shipments of one item each."""
        [*_, row] = self.world.rows(1, prefix)
        return [row | {"declaration_id": f"{prefix}{i}", "item_number": 1} for i in range(count)]


def registered(registry, model):
    run = registry.client.create_run(registry.experiment("shipments"))
    return registry.register(model, run, {})


def two_versions(world):
    """Register a version beside the champion, and name both."""
    registry = Registry(world.home)
    champion = registry.champion("shipments")
    red = replace(champion.model, thresholds=Thresholds(red=0.0, yellow=0.0))
    return champion.version, registered(registry, red)


def install(world, versions, folder):
    """Copy the world's home, but for what only building it needed."""
    unneeded = shutil.ignore_patterns("mlartifacts", "bentoml", "last_good")
    shutil.copytree(world.home.path, folder, ignore=unneeded)
    return Installation(replace(world, home=Home(folder).prepare()), *versions)


@dataclass(frozen=True)
class Worker:
    """A served desk and a client with a key to it."""

    desk: Any
    client: httpx.Client

    def ask(self, rows):
        """Score rows; anything but an answer is a failure."""
        answer = self.client.post(PATH, json={"records": rows})
        assert answer.status_code == 200, answer.text
        return answer.json()["scores"]

    def refresh(self):
        self.desk.scoring.roster.refresh()


@contextmanager
def worker(installation, serving, every_s=None, source=None, role="administrator"):
    """Serve a home as one worker does; it asks the registry often, or when told."""
    desk = assemble(installation.home, source or installation.registry)
    if every_s:
        desk.scoring.roster.follow(every_s)
    headers = {"Authorization": f"Bearer {installation.world.key(role)}"}
    try:
        with (
            serving(create_app(desk)) as url,
            httpx.Client(base_url=url, headers=headers, timeout=60) as client,
        ):
            yield Worker(desk, client)
    finally:
        desk.scoring.finish()
        desk.scoring.store.close()


def until(true):
    deadline = time.monotonic() + SOON_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
