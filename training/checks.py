"""What a version must pass on later records: no check fails for noise alone.

Comparisons are paired: every resample of the shipments is ranked by both versions, so that what
makes a period hard for both does not count as a difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from training.contest import Contest
from training.decision import Check
from training.enough import LEAST_TO_JUDGE, counted, effective_size, is_enough
from training.groups import SELECTED_PCT, selected
from training.intervals import (
    Figures,
    Floats,
    Interval,
    bootstrap,
    calibration_by_chance,
)
from training.metrics import Ranked, expected_calibration_error, headline

EVIDENCE, CHANCE = "enough evidence", "better than chance"
COMPARED = {"average_precision": "average precision", "precision_at_5pct": "precision at 5 %"}


@dataclass(frozen=True)
class Bounds:
    """What is tolerated.

    Attributes
    ----------
    calibration_error : of the risks, beyond what chance makes of exact ones.
    false_positives : points by which a group's false positive rate may rise, beyond chance.
    least_cleared : cleared shipments below which a group is not compared.
    """

    calibration_error: float = 0.05
    false_positives: float = 0.05
    least_cleared: int = 50


def check(
    contest: Contest, random: np.random.Generator, bounds: Bounds | None = None
) -> tuple[Check, ...]:
    """Put every question that the contest can answer."""
    bounds = bounds or Bounds()
    first = evidence(contest)
    if not len(contest.candidate):
        return (first,)
    checks = [first, calibration(contest, random, bounds), better_than_chance(contest, random)]
    if (champion := contest.champion) is not None:
        checks += [
            no_worse(contest.candidate, champion, random, weighted=weighted)
            for weighted in _weightings(contest)
        ]
        checks += [groups(contest, champion, bounds)]
    return tuple(checks)


def evidence(contest: Contest) -> Check:
    """Whether there are labels enough to judge by."""
    outcome = contest.candidate["outcome"].to_numpy(dtype=bool)
    weight = contest.candidate["weight"].to_numpy(dtype=np.float64)
    size = effective_size(weight)
    statement = (
        f"{counted(outcome)} inspected, where {LEAST_TO_JUDGE} of each outcome are needed; "
        f"weighted by the inverse of their selection probability, they tell as much as {size:.0f}."
    )
    figures = {"offences": int(outcome.sum()), "effective_shipments": size}
    return Check(EVIDENCE, is_enough(outcome, LEAST_TO_JUDGE), statement, figures)


def calibration(contest: Contest, random: np.random.Generator, bounds: Bounds) -> Check:
    """Whether risks are frequencies, of all traffic where selection probabilities were logged."""
    ranked = Ranked.of(contest.candidate, weighted=True)
    error = expected_calibration_error(ranked.outcome, ranked.risk, ranked.weight)
    noise = calibration_by_chance(ranked, random)
    bound = bounds.calibration_error
    statement = (
        f"expected calibration error {error:.3f}; exact risks would show up to {noise:.3f} here, "
        f"and {bound:.3f} beyond that is tolerated."
    )
    figures = {"expected_calibration_error": error, "by_chance": noise, "bound": bound}
    return Check("calibration", error <= bound + noise, statement, figures)


def better_than_chance(contest: Contest, random: np.random.Generator) -> Check:
    """Whether the ranking is better than a random one beyond noise, in all and at the top.

    At the top too, because any model that tells large traders from small ones has an area under
    the ROC curve a little above a random order's.
    """
    intervals: dict[str, Interval] = {}
    for weighted in _weightings(contest):
        ranked = Ranked.of(contest.candidate, weighted=weighted)
        found = bootstrap(_lifts_of(ranked), len(ranked.risk), random)
        intervals |= {f"{name} {_whom(weighted)}": ends for name, ends in found.items()}
    told = "; ".join(f"{name} {_interval(ends)}" for name, ends in intervals.items())
    better = bool(intervals) and all(low > 0 for low, _ in intervals.values())
    verdict = "better than a random order" if better else "not better than a random order"
    statement = f"{verdict} beyond noise; above what a random order has: {told or 'nothing known'}."
    figures = {name: list(ends) for name, ends in intervals.items()}
    return Check(CHANCE, better, statement, figures)


def _lifts_of(ranked: Ranked) -> Callable[[Floats], Figures]:
    def lifts(count: Floats) -> Figures:
        drawn = ranked.times(count)
        known, share = headline(drawn), float(np.average(drawn.outcome, weights=drawn.weight))
        return {
            "area under the ROC curve": known.get("roc_auc", np.nan) - 0.5,
            "precision at 5 %": known["precision_at_5pct"] - share,
        }

    return lifts


def _weightings(contest: Contest) -> tuple[bool, ...]:
    """Say how to count: as inspected, and as all traffic where selection was logged."""
    logged = bool((contest.candidate["weight"] != 1).any())
    return (False, True) if logged else (False,)


def _whom(weighted: bool) -> str:
    return "estimated for all traffic" if weighted else "on what was inspected"


def no_worse(
    candidate: pd.DataFrame, champion: pd.DataFrame, random: np.random.Generator, *, weighted: bool
) -> Check:
    """Whether the candidate ranks the same shipments no worse than the champion beyond noise."""
    differences, intervals = paired_differences(candidate, champion, random, weighted=weighted)
    worse = [name for name, (_, high) in intervals.items() if high < 0]
    told = (
        f"{words} {differences[name]:+.3f} {_interval(intervals[name])}"
        for name, words in COMPARED.items()
        if name in intervals
    )
    whom = _whom(weighted)
    against = ", ".join(COMPARED[name] for name in worse)
    verdict = f"worse beyond noise in {against}" if worse else "not worse beyond noise"
    statement = f"{verdict}; candidate less champion {whom}: {'; '.join(told)}."
    figures = {name: [differences[name], *interval] for name, interval in intervals.items()}
    return Check(f"no worse {whom}", not worse, statement, figures)


def paired_differences(
    candidate: pd.DataFrame, champion: pd.DataFrame, random: np.random.Generator, *, weighted: bool
) -> tuple[Figures, dict[str, Interval]]:
    """Candidate less champion in the compared metrics, and the paired bootstrap's intervals."""
    identity = str(champion.columns[0])
    place = pd.Index(candidate[identity]).get_indexer(pd.Index(champion[identity]))
    ours = Ranked.of(candidate, weighted=weighted)
    theirs = Ranked.of(champion, weighted=weighted)

    def difference(count: Floats) -> Figures:
        mine, other = headline(ours.times(count)), headline(theirs.times(count[place]))
        return {name: mine.get(name, np.nan) - other.get(name, np.nan) for name in COMPARED}

    size = len(candidate)
    return difference(np.ones(size)), bootstrap(difference, size, random)


def groups(contest: Contest, champion: pd.DataFrame, bounds: Bounds) -> Check:
    """Whether no group's false positive rate rises beyond the bound and beyond noise.

    Notes
    -----
    Of a group's cleared shipments only those tell that one version selects and the other does
    not: McNemar's exact test (1947), at 5 % divided by the number of groups (Bonferroni).
    """
    compared = list(_compared(contest, champion, bounds))
    level = 0.05 / max(len(compared), 1)
    worse = [one for one in compared if one.rise > bounds.false_positives and one.chance < level]
    named = "; ".join(str(one) for one in worse)
    most = max(compared, key=lambda one: one.rise, default=None)
    fine = f"the largest change is of {most}" if most else "no group has enough cleared shipments"
    statement = (
        f"{named or fine}. {len(compared)} groups with at least {bounds.least_cleared} cleared "
        f"shipments; the share of them among the riskiest {SELECTED_PCT} % may rise by "
        f"{bounds.false_positives:.0%} beyond noise."
    )
    figures = {"groups": [asdict(one) for one in compared]}
    return Check("error rates by group", not worse, statement, figures)


@dataclass(frozen=True)
class _Change:
    """How often each version selects a group's cleared shipments, and how likely by chance."""

    attribute: str
    group: str
    cleared: int
    candidate: float
    champion: float
    chance: float

    @property
    def rise(self) -> float:
        return self.candidate - self.champion

    def __str__(self) -> str:
        return (
            f"{self.attribute} {self.group}, false positives {self.champion:.1%} -> "
            f"{self.candidate:.1%} of {self.cleared} cleared"
        )


def _compared(contest: Contest, champion: pd.DataFrame, bounds: Bounds) -> Iterator[_Change]:
    frame = contest.candidate
    identity = str(frame.columns[0])
    theirs = selected(champion).set_axis(champion[identity]).loc[frame[identity]].to_numpy()
    ours = selected(frame).to_numpy()
    cleared = ~frame["outcome"].to_numpy(dtype=bool)
    for attribute in contest.groups:
        values = contest.groups[attribute].where(cleared)
        for group, rows in values.groupby(values).indices.items():
            if len(rows) >= bounds.least_cleared:
                more = int((ours[rows] & ~theirs[rows]).sum())
                apart = int((ours[rows] != theirs[rows]).sum())
                yield _Change(
                    str(attribute),
                    str(group),
                    len(rows),
                    float(ours[rows].mean()),
                    float(theirs[rows].mean()),
                    binomtest(more, apart, alternative="greater").pvalue if apart else 1.0,
                )


def _interval(interval: Interval) -> str:
    return f"[{interval[0]:+.3f}, {interval[1]:+.3f}]"
