"""Growing trees over a Dask cluster, with LightGBM's own Dask estimator.

Every worker holds a share of the rows and all workers together grow each tree. LightGBM learns the
borders of a feature's bins, and the levels of a category, from the rows of a single worker: so rows
are dealt at random, offences and clear results in equal shares.

The estimator cannot stop early: each worker would judge by its own share and stop at its own tree.
So all the trees that are allowed are grown, and then the later rows tell how many are wanted, by
the rule and the loss that early stopping on one machine uses; the trees before do not depend on it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dask
import dask.array as da
import lightgbm as lgb
import numpy as np
from distributed import Client, Future, KilledWorker, LocalCluster
from numpy.typing import NDArray

from features.errors import TidewaiterError
from models.growing import Floats, Material, first_trees
from models.settings import FitSettings

Rows = NDArray[np.intp]
_LOGGER = "lightgbm"
_LOOK_S = 0.5
_RESTART_S = 30


@contextmanager
def connected(address: str, workers: int = 2) -> Iterator[Cluster]:
    """Connect to a Dask scheduler, or start workers on this machine for ``local``."""
    if address == "local":
        with on_loopback(workers) as started, Client(started) as client:
            client.run(_silence_output)
            yield _ready(client)
        return
    try:
        client = Client(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise TidewaiterError(
            f"--cluster expected the address of a Dask scheduler, such as tcp://HOST:8786, or "
            f"'local'; {address!r} does not answer: {error}"
        ) from error
    with client:
        yield _ready(client)


def on_loopback(workers: int) -> Any:
    """Start a cluster on this machine that only loopback reaches."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        # Else both listen to every network.
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
    )


def _ready(client: Client) -> Cluster:
    grower = Cluster(client)
    if not grower.workers:
        raise TidewaiterError(f"the Dask cluster at {client.scheduler.address} has no worker")
    # What LightGBM's Python side says goes to a log, not to standard output.
    logger = logging.getLogger(_LOGGER)
    logger.addHandler(logging.NullHandler())
    lgb.register_logger(logger)
    return grower


def _silence_output() -> None:
    """Take a worker's standard output away: it is ours, and LightGBM's network writes to it."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)


@dataclass(frozen=True)
class Cluster:
    """Grows trees on the workers of a Dask cluster."""

    client: Client

    @property
    def workers(self) -> list[str]:
        """Addresses of the workers, in order."""
        return sorted(self.client.scheduler_info(n_workers=-1)["workers"])

    @property
    def place(self) -> str:
        """Say where, for the record of a training."""
        return f"a Dask cluster of {len(self.workers)} workers"

    def grow(self, data: Material, settings: FitSettings, trees: int) -> lgb.Booster:
        """Grow a number of trees, all workers together."""
        hands = _dealt(data.label, len(self.workers), settings.seed)
        columns, categories = _without_rare(data, hands)
        matrix, label, weight = (
            self._spread(values, hands) for values in (columns, data.label, data.weight)
        )
        estimator = lgb.DaskLGBMClassifier(
            client=self.client, n_estimators=trees, **_parameters(data, settings)
        )
        self._fit(
            lambda: estimator.fit(
                matrix,
                label,
                sample_weight=weight,
                feature_name=list(data.encoding.names),
                categorical_feature=categories,
            )
        )
        return lgb.Booster(model_str=_unaddressed(estimator.booster_.model_to_string()))

    def grow_early(self, early: Material, late: Material, settings: FitSettings) -> lgb.Booster:
        """Grow all trees allowed and keep as many as the later rows want."""
        booster = self.grow(early, settings, settings.max_trees)
        return first_trees(booster, wanted_trees(losses(booster, late), settings.patience))

    def _fit(self, fit: Callable[[], object]) -> None:
        """Run a fit while every worker stays: LightGBM waits for ever for one that has gone."""
        there, is_lost = set(self.workers), False
        with ThreadPoolExecutor(max_workers=1) as beside:
            fitting = beside.submit(fit)
            while not wait((fitting,), timeout=_LOOK_S).done:
                if not is_lost and there - set(self.workers):
                    is_lost = True
                    self._give_up(there)
        error = fitting.exception()
        if is_lost or isinstance(error, (CancelledError, KilledWorker)):
            raise TidewaiterError(
                f"the Dask cluster lost a worker while it grew trees, which LightGBM does not "
                f"survive; train again: {error}"
            ) from error
        if error is not None:
            raise error

    def _give_up(self, there: set[str]) -> None:
        """Cancel what we asked for, and restart the workers that still wait for the lost one."""
        self.client.cancel([Future(key, self.client) for key in list(self.client.futures)])
        waiting = sorted(there & set(self.workers))
        if waiting:
            self.client.restart_workers(waiting, timeout=_RESTART_S, raise_for_error=False)

    def _spread(self, values: NDArray[Any], hands: list[Rows]) -> da.Array:
        """Send each worker its rows."""
        parts = []
        for worker, rows in zip(self.workers, hands, strict=False):
            hand = values[rows]
            sent = dask.delayed(self.client.scatter(hand, workers=[worker], hash=False))
            parts.append(da.from_delayed(sent, shape=hand.shape, dtype=hand.dtype))
        return da.concatenate(parts)


def _parameters(data: Material, settings: FitSettings) -> dict[str, Any]:
    """Leave the number of threads to the workers."""
    given = data.parameters(settings)
    return {name: value for name, value in given.items() if name != "num_threads"}


def _without_rare(data: Material, hands: list[Rows]) -> tuple[NDArray[np.float32], list[int]]:
    """Leave out categories that some hand has no value of, and give the others' positions.

    LightGBM 4.7 crashes where a worker finds the levels of a category it has no value of. Few rows
    have such a category, too few for any branch, or none.
    """
    matrix = data.matrix.astype(np.float32)
    positions = np.array(data.encoding.categories, dtype=np.intp)
    known = ~np.isnan(matrix[:, positions])
    everywhere = np.all([known[rows].any(axis=0) for rows in hands], axis=0)
    matrix[:, positions[~everywhere]] = np.nan
    return matrix, positions[everywhere].tolist()


def _unaddressed(text: str) -> str:
    """Leave the workers' addresses out of a model's text."""
    return re.sub(
        r"^\[(machines|num_machines|local_listen_port): .*\]\n", "", text, flags=re.MULTILINE
    )


def _dealt(label: Floats, hands: int, seed: int) -> list[Rows]:
    """Deal rows at random into hands, each outcome in equal shares.

    A hand without both outcomes would be read as having one outcome only, so there are no more
    hands than rows of the rarer one.
    """
    mixed = np.random.default_rng(seed).permutation(len(label))
    ordered = mixed[np.argsort(label[mixed], kind="stable")]
    rarer = int(min(label.sum(), len(label) - label.sum()))
    hands = max(1, min(hands, rarer))
    return [np.sort(ordered[hand::hands]) for hand in range(hands)]


def losses(booster: lgb.Booster, judge: Material) -> Floats:
    """Log-loss of a booster's first 1, 2, ... trees, shape (trees,)."""
    raw, found = np.zeros(len(judge.label)), []
    sign = 1 - 2 * judge.label
    for tree in range(booster.num_trees()):
        raw += booster.predict(judge.matrix, raw_score=True, start_iteration=tree, num_iteration=1)
        found.append(np.average(np.logaddexp(0, sign * raw), weights=judge.weight))
    return np.array(found)


def wanted_trees(losses: Floats, patience: int) -> int:
    """Count trees as early stopping does: up to the best before `patience` trees without a better.

    Examples
    --------
    >>> wanted_trees(np.array([3.0, 1.0, 2.0, 2.0, 0.5]), patience=2)
    2
    >>> wanted_trees(np.array([3.0, 1.0, 2.0, 2.0, 0.5]), patience=3)
    5
    """
    best = 0
    for tree, loss in enumerate(losses):
        if loss < losses[best]:
            best = tree
        elif tree - best >= patience:
            break
    return best + 1
