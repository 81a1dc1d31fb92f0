"""An account of an evaluation, in sections of words, tables and pictures.

The page and the model card print the same account, so they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from models import RiskModel
from training.evidence import Evidence
from training.families import families_section
from training.groups import LEAST_CLEARED, SELECTED_PCT
from training.report import Report
from training.rival import Rival
from training.rows import (
    BRIEF,
    data_table,
    error_table,
    headline_table,
    parts_table,
    percent,
)
from training.sections import Section, flowing


@dataclass(frozen=True)
class Told:
    """Everything an account is made from.

    Attributes
    ----------
    rival : the champion on the same records, where there is one.
    notes : what a reader must know first, for example that records are simulated.
    ablated : what an ablation on the same ground said, if there was one.
    """

    model: RiskModel
    evaluate_from: date
    report: Report
    evidence: Evidence
    rival: Rival | None = None
    notes: tuple[str, ...] = ()
    ablated: Mapping[str, Any] | None = None

    @property
    def subject(self) -> str:
        """``shipments`` or ``crossings``."""
        return self.model.subject

    @property
    def weighted(self) -> bool:
        """Whether figures for all traffic could be estimated."""
        return "weighted_base_rate" in self.report.metrics


def account(told: Told) -> tuple[Section, ...]:
    """Tell an evaluation."""
    judged = (_brief, _figures, _curves, _months, _offences, _errors)
    made = (_reasons, _families, _data, _limits)
    return tuple(part(told) for part in (*judged, *made))


def _brief(told: Told) -> Section:
    metrics, periods = told.report.metrics, told.model.periods
    first, last = (periods[name][:10] for name in ("training_first", "training_last"))
    model = f"""
        Risk is the probability that an inspection finds an offence, as inspections found them
        before. The model was fitted on {told.subject} known from {first} to {last}, and judged
        on {metrics["shipments"]:,.0f} inspected {told.subject} known from {told.evaluate_from}
        on, {metrics["offences"]:,.0f} of them with an offence.
    """
    calibrated = f"""
        Risks were {metrics["expected_calibration_error"]:.3f} away from how often an offence was
        found, on average (the expected calibration error); by chance alone, risks that are exactly
        true would show up to {told.evidence.calibration_by_chance:.3f} on so many records.
    """
    top = [_at_the_top(told, "", f"Of the riskiest 5 % of inspected {told.subject}")]
    if told.weighted:
        whom = f"Estimated for all {told.subject}, inspected or not, of the riskiest 5 %"
        top.append(_at_the_top(told, "weighted_", whom))
    words = (*told.notes, model, *top, calibrated, told.evidence.too_few or "")
    return Section("In brief", tuple(flowing(each) for each in words if each))


def _at_the_top(told: Told, prefix: str, whom: str) -> str:
    metrics, name = told.report.metrics, f"{prefix}precision_at_5pct"
    low, high = told.evidence.intervals.get(name, (0.0, 1.0))
    return f"""
        {whom}, {percent(metrics[name])} had an offence (95 % interval {percent(low)} to
        {percent(high)}). The best possible order would reach
        {percent(metrics[name + "_attainable"])}, a random one
        {percent(metrics[prefix + "base_rate"], 1)}.
    """


def _figures(told: Told) -> Section:
    table = headline_table(told.report, told.evidence, told.rival)
    return Section("Figures", tuple(map(flowing, _how_counted(told))), (table,))


def _how_counted(told: Told) -> list[str]:
    words = [
        f"""Intervals are the middle 95 % of a bootstrap: what other draws of as many
        {told.subject} would show."""
    ]
    if told.weighted:
        size = told.evidence.effective_shipments
        words.append(f"""
            Labels exist only where someone looked. For all traffic each is weighted by the
            inverse of the probability with which it was selected (Horvitz and Thompson, 1952);
            so weighted, they tell as much as {size:,.0f} drawn evenly. Those that were drawn at
            random need no weights, but are few.
        """)
    if told.rival is not None:
        flattered = "had seen part of it, which flatters it"
        seen = "had seen nothing of it" if told.rival.out_of_sample else flattered
        words.append(f"""
            The champion, version {told.rival.version}, is judged as inspected, on the same
            period; it {seen}.
        """)
    return words


def _curves(_told: Told) -> Section:
    words = """
        First, how often an offence was found where the model said how likely it was: on the
        dotted line a risk is a frequency; bars are 95 % intervals. Second, the share of offences
        found against the share inspected, the riskiest first.
    """
    return Section("Calibration and gain", (flowing(words),), pictures=("reliability", "gain"))


def _months(told: Told) -> Section:
    table = parts_table("By the month a record was known in", "Month", told.report.by_month, BRIEF)
    return Section("Month by month", (), (table,), ("precision_by_month",))


def _offences(told: Told) -> Section:
    rows = {
        name if figures["own_head"] else f"{name} *": figures
        for name, figures in told.report.by_offence.items()
    }
    words = """
        An offence that was found often enough in training has a risk of its own, which ranks it
        here; those with a star are ranked by the overall risk.
    """
    table = parts_table("By offence", "Offence", rows, (*BRIEF, "recall_at_10pct"))
    return Section("Offence by offence", (flowing(words),), (table,))


def _errors(told: Told) -> Section:
    meaning = f"""
        What an inspection of the riskiest {SELECTED_PCT} % of inspected {told.subject} would
        mean for those in which nothing was found (false positives: the share of the cleared that
        it selects), and which offences it would miss. A person's nationality is recorded for
        this table and is no input of the model unless an agency's reviewed policy file enables
        it.
    """
    limits = f"""
        Groups with fewer than {LEAST_CLEARED} cleared {told.subject} are left out: their rates
        would say nothing. Intervals are Wilson's, 95 %. Differences between groups have many
        causes; they are a reason to look, and no proof of unfairness or of its absence.
    """
    by_attribute = {
        name: [one for one in told.evidence.errors if one.attribute == name]
        for name in told.evidence.attributes
    }
    tables = tuple(error_table(name, rates) for name, rates in by_attribute.items() if rates)
    lacking = ", ".join(name for name, rates in by_attribute.items() if not rates)
    without = f"No group by {lacking} has enough records." if lacking else ""
    words = tuple(flowing(each) for each in (meaning, limits, without) if each)
    return Section("Whom the ranking errs on", words, tables)


def _reasons(told: Told) -> Section:
    words = f"""
        Every score is the sum of a base value and of each feature's contribution, in log-odds.
        In the first picture each dot is one of the judged {told.subject}: right of the line the
        feature raised its risk. Colour is the feature's value, grey where it is missing; of a
        category it only tells levels apart. The second has the mean size of each feature's
        contributions. A contribution says what the model made of a value, not
        what caused an offence.
    """
    pictures = ("contributions", "importance")
    return Section("What the scores are made of", (flowing(words),), pictures=pictures)


def _families(told: Told) -> Section:
    return families_section(told.subject, told.ablated)


def _data(told: Told) -> Section:
    return Section("Data", (), (data_table(told.model),))


def _limits(told: Told) -> Section:
    words = (
        "A risk is no finding, and no reason to believe that a person has done anything.",
        "An inspection can miss what is there: the model learns what is found.",
        f"""Where inspections were chosen by rules, figures as inspected say how well the model
        ranks what the rules chose. Those for all traffic lean on the few {told.subject} that
        rules would not have chosen, hence their wide intervals, and are true only if the
        selection probabilities were logged as they were.""",
        "A control of documents that found nothing is not taken for a clean record.",
        """Offenders change their ways: figures of one period promise nothing for the next.
        Month by month shows how fast they aged within this one.""",
    )
    return Section("Known limits", tuple(map(flowing, words)))
