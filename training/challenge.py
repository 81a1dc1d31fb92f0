"""Put a version in the champion's shadow, or end that: the alias ``challenger``.

Whatever serves scores with it too, without answering, or answers the share of records that it was
given; so it needs no evidence yet, only to fit.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from features.catalog import feature_set
from features.errors import TidewaiterError
from models.registry import CHALLENGER, Registry

__all__ = ["challenge", "check_fits", "stand_down"]


def challenge(
    registry: Registry, subject: str, version: str, clock: Callable[[], datetime]
) -> None:
    """Make a registered version the challenger of its subject's champion.

    Raises
    ------
    TidewaiterError
        When there is no such version, it was fitted on another feature set, or there is no
        champion but itself.
    """
    found = registry.version(subject, version)
    check_fits(subject, version, found.tags.get("fingerprint", ""))
    champion = registry.champion_version(subject)
    if champion in {None, version}:
        raise TidewaiterError(
            f"expected another version of {subject} as champion, which version {version} could"
            f" challenge; the champion is {'none' if champion is None else 'this one'}"
        )
    registry.set_tags(subject, version, {"challenger_since": clock().isoformat()})
    registry.set_alias(subject, CHALLENGER, version)


def stand_down(registry: Registry, subject: str, version: str | None = None) -> str | None:
    """End a subject's challenge, whoever's it is or a version's only; name the one that ended."""
    challenger = registry.aliases(subject).get(CHALLENGER)
    if challenger is None or version not in {None, challenger}:
        return None
    registry.drop_alias(subject, CHALLENGER)
    return challenger


def check_fits(subject: str, version: str, fingerprint: str) -> None:
    """Refuse a version of another feature set, which nothing could load."""
    expected = feature_set(subject).fingerprint
    if fingerprint != expected:
        raise TidewaiterError(
            f"{subject} version {version} was fitted on the feature set "
            f"{fingerprint[:12] or 'unknown'}, the catalogue declares {expected[:12]}: "
            "train a new version"
        )
