"""Officers and others who call a service of the world's home, and what it keeps of that."""

import json
import time
from contextlib import contextmanager

import httpx
from prometheus_client import REGISTRY

from features.store import Store
from models.registry import Registry
from serving.app import create_app, utc_now
from serving.assembly import assemble


@contextmanager
def service(world, serving, role="officer", source=None, clock=utc_now):
    """Serve the world's home from scratch, as after a restart."""
    desk = assemble(world.home, source or Registry(world.home), clock)
    headers = {"Authorization": f"Bearer {world.key(role)}"}
    with (
        serving(create_app(desk)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=60) as client,
    ):
        yield client
    desk.scoring.store.close()


def kept_features(world, score):
    """Read the features a score was made from."""
    with Store.open(world.home) as store:
        return store.read_score(score["score_id"])["features"]


def ask(client, rows, subject="shipments"):
    return post(client, rows, f"/v1/{subject}/score")


def post(client, rows, path):
    return client.post(path, content=json.dumps({"records": rows}))


def until_waiting(count, seconds=30.0):
    """Wait until so many calls of this process wait for their turn."""
    deadline = time.monotonic() + seconds
    while REGISTRY.get_sample_value("tidewaiter_queue_depth", {"queue": "turn"}) != count:
        assert time.monotonic() < deadline
        time.sleep(0.001)
