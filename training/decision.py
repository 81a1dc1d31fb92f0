"""A promotion as a decision: what was checked on what, what came of it, and who overrode it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Check", "Decision", "Ground"]


@dataclass(frozen=True)
class Check:
    """One question that a version must pass.

    Attributes
    ----------
    statement : what was found, with its numbers, in a sentence.
    figures : the numbers, by name.
    """

    name: str
    passed: bool
    statement: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Give the check as plain JSON."""
        return {
            "name": self.name,
            "passed": self.passed,
            "statement": self.statement,
            "figures": dict(self.figures),
        }


@dataclass(frozen=True)
class Ground:
    """What a decision stands on.

    Attributes
    ----------
    judged : the version whose scores were judged; of a version fitted again on everything known,
        the earlier fit it repeats.
    champion, champion_judged : the same of the version in service; None without one.
    since : the moment from which records are later than anything either saw, ISO 8601.
    shipments, offences : inspected records of that period, and those with an offence.
    notes : what a reader must know of the period and of the versions.
    """

    subject: str
    version: str
    judged: str
    champion: str | None
    champion_judged: str | None
    since: str
    shipments: int
    offences: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """Whether a version may replace the champion, and why."""

    ground: Ground
    checks: tuple[Check, ...]
    decided_at: str
    override: str | None = None

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that speak against it."""
        return tuple(check for check in self.checks if not check.passed)

    @property
    def outcome(self) -> str:
        """``promoted``, ``promoted by override`` or ``refused``."""
        if not self.failed:
            return "promoted"
        return "refused" if self.override is None else "promoted by override"

    @property
    def refused(self) -> bool:
        """Whether the version must not go into service."""
        return self.outcome == "refused"

    def to_json(self) -> dict[str, Any]:
        """Give the decision as plain JSON."""
        return {
            "outcome": self.outcome,
            "decided_at": self.decided_at,
            "override": self.override,
            **{name: getattr(self.ground, name) for name in Ground.__dataclass_fields__},
            "checks": [check.to_json() for check in self.checks],
        }

    def text(self) -> str:
        """Tell the decision to a person, a line a check."""
        ground = self.ground
        against = f"champion {ground.champion}" if ground.champion else "no champion"
        period = (
            f"Judged on {ground.shipments} inspected {ground.subject} known since {ground.since}, "
            f"{ground.offences} with an offence."
        )
        lines = [
            f"{ground.subject} version {ground.version} against {against}: {self.outcome}",
            period,
            *ground.notes,
            *(
                f"{'passed' if c.passed else 'FAILED'}  {c.name}: {c.statement}"
                for c in self.checks
            ),
        ]
        if self.override is not None:
            lines.append(f"Override: {self.override}")
        return "\n".join(lines)
