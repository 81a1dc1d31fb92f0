"""Put a version into service, if the evidence allows: the alias ``champion`` moves.

Every decision is kept in MLflow with the version, a refusal too.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from features.errors import TidewaiterError
from features.home import Home
from features.store import Store
from models.fitting import Progress, silent
from models.registry import CHAMPION, Registry
from training.challenge import check_fits, stand_down
from training.checks import check
from training.contest import contest
from training.decision import Decision


class PromotionRefusedError(TidewaiterError):
    """The evidence speaks against a version; its text is the decision's."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        super().__init__(f"{decision.text()}\n`--override REASON` promotes it all the same.")


def utc_now() -> datetime:
    """Read the system's clock."""
    return datetime.now(UTC)


def promote(  # noqa: PLR0913 - what the command offers, and the clock and draws it depends on
    store: Store,
    home: Home,
    subject: str,
    version: str,
    *,
    override: str | None = None,
    clock: Callable[[], datetime] = utc_now,
    random: np.random.Generator | None = None,
    progress: Progress = silent,
) -> Decision:
    """Make a registered version the champion of its subject, if later records allow it.

    Parameters
    ----------
    override : the reason for a promotion against the checks, recorded on the version. It cannot
        promote a model of another feature set, which nothing could load.
    random : draws the resamples; by default seeded, so that the same records decide the same.

    Raises
    ------
    PromotionRefusedError
        When a check fails and nobody overrides it.
    TidewaiterError
        When there is no such version, or it was fitted on another feature set.
    """
    if override is not None and not override.strip():
        raise TidewaiterError("expected the reason of an override, got none")
    registry = Registry(home)
    found = registry.version(subject, version)
    check_fits(subject, version, found.tags.get("fingerprint", ""))
    met = contest(store, registry, subject, version, progress)
    progress("comparing on later records", 0.0)
    checks = check(met, random or np.random.default_rng(0))
    decision = Decision(met.ground, checks, clock().isoformat(), override)
    _keep(registry, decision, found.run_id)
    if decision.refused:
        raise PromotionRefusedError(decision)
    registry.set_alias(subject, CHAMPION, version)
    stand_down(registry, subject, version)
    return decision


def _keep(registry: Registry, decision: Decision, run_id: str) -> None:
    """Keep the decision with the version's run, and what matters of it on the version."""
    ground = decision.ground
    folder = f"promotion/version-{ground.version}/{decision.decided_at.replace(':', '')}"
    registry.client.log_dict(run_id, decision.to_json(), f"{folder}/decision.json")
    registry.client.log_text(run_id, decision.text() + "\n", f"{folder}/decision.txt")
    tags = {
        "promotion": decision.outcome,
        "promotion_decided_at": decision.decided_at,
        "promotion_report": folder,
        "promotion_failed": ", ".join(one.name for one in decision.failed) or "none",
    }
    if not decision.refused:
        tags["promoted_at"] = decision.decided_at
        tags["replaced_version"] = ground.champion or "none"
    if decision.override is not None:
        tags["promotion_override"] = decision.override
    registry.set_tags(ground.subject, ground.version, tags)
