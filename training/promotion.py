"""Put a version into service: the alias ``champion`` moves, and the version says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from features.catalog import feature_set
from features.errors import TidewaiterError
from features.home import Home
from models.registry import CHAMPION, Registry


def utc_now() -> datetime:
    """Read the system's clock."""
    return datetime.now(UTC)


def promote(
    home: Home,
    subject: str,
    version: str,
    override: str | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Make a registered version the champion of its subject.

    Parameters
    ----------
    override : the reason for a promotion against a check, recorded on the version. It cannot
        promote a model of another feature set, which nothing could load.

    Raises
    ------
    TidewaiterError
        When there is no such version, or it was fitted on another feature set.
    """
    registry = Registry(home)
    found = registry.version(subject, version)
    _check_fits(subject, version, found.tags.get("fingerprint", ""))
    tags = {
        "promoted_at": clock().isoformat(),
        "replaced_version": registry.champion_version(subject) or "none",
    }
    if override is not None:
        tags["promotion_override"] = override
    registry.set_tags(subject, version, tags)
    registry.set_alias(subject, CHAMPION, version)


def _check_fits(subject: str, version: str, fingerprint: str) -> None:
    expected = feature_set(subject).fingerprint
    if fingerprint != expected:
        raise TidewaiterError(
            f"{subject} version {version} was fitted on the feature set "
            f"{fingerprint[:12] or 'unknown'}, the catalogue declares {expected[:12]}: "
            "train a new version"
        )
