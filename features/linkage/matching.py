"""Matching: how probable it is of two registrations that they are one party's.

The model is that of Fellegi and Sunter (J. Am. Stat. Assoc. 64, 1969), by Splink: how often names,
addresses, numbers and countries agree between parties drawn at random is counted, how often they do
between registrations of one party is learnt from the register itself by expectation maximisation,
without labels, and a rare name weighs more than a common one.

Invariant: names and addresses stay in memory: nothing is written to disk, asked for elsewhere, or
logged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import duckdb
import pandas as pd
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_level_library import (
    And,
    CustomLevel,
    ElseLevel,
    ExactMatchLevel,
    JaroLevel,
    NullLevel,
)
from splink.comparison_library import CustomComparison, ExactMatch

from features.linkage.register import spelt

__all__ = ["Matching", "matches"]

Progress = Callable[[str, float], None]
Match = tuple[str, str, float]
_TABLE = "register"
# Registrations that agree so are one party's, nearly always.
_REPEATED = (("number", "name"), ("number", "address"), ("name", "address", "country"))
# What is learnt of the other comparisons between registrations that share this one.
_LEARNT_FROM = ("number", "name", "address")
_IN_MEMORY = {
    "threads": 1,  # sums in one order: the same register, the same probabilities
    "temp_directory": "",
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@dataclass(frozen=True)
class Matching:
    """How parties are matched.

    Parameters
    ----------
    probability : float
        From which on two registrations are taken for one party's.
    repeated_share : float
        Share of the registrations of one party that repeat number and name, number and address, or
        name, address and country to the letter: sets how rare pairs are before anything is
        compared. Too high a share makes probabilities too low, and fewer links.
    widest_key : int
        Parties that share a key are compared where they are no more than this.
    sampled_pairs : float
        Most pairs to draw at random, to count how often what is compared agrees by chance, and most
        to learn from at a time.
    seed : int
        Of that draw.
    """

    probability: float = 0.9
    repeated_share: float = 0.5
    widest_key: int = 100
    sampled_pairs: float = 5e6
    seed: int = 0


def matches(
    parties: pd.DataFrame, matching: Matching, progress: Progress = lambda _stage, _share: None
) -> list[Match]:
    """Find the pairs of parties that are probably one.

    Parameters
    ----------
    parties : DataFrame
        Parties, each once, with their sealed fields.

    Returns
    -------
    list of (party_id, party_id, probability)
        Each pair once, in order; none where no two registrations agree to the letter, so that there
        is nothing to learn from.
    """
    # Splink warns of what a small register does not show; without this, on standard error.
    logging.getLogger("splink").addHandler(logging.NullHandler())
    progress("spelling names", 0.0)
    with duckdb.connect(config=_IN_MEMORY) as connection:
        connection.register(_TABLE, spelt(parties, matching.widest_key))
        repeated = _agreeing(connection, _REPEATED)
        if not repeated:
            return []
        prior = _prior(repeated / matching.repeated_share, len(parties))
        learnt_from = [column for column in _LEARNT_FROM if _repeats(connection, column)]
        linker = Linker(DuckDBAPI(connection).register(_TABLE), _settings(prior), log_level=None)
        _learn(linker, learnt_from, matching, progress)
        progress("comparing parties", 0.3)
        found = linker.inference.predict(matching.probability, warning_mode="never")
        return _listed(found.as_duckdbpyrelation())


def _prior(pairs: float, parties: int) -> float:
    """Say how probable it is of two parties drawn at random that they are one, given their pairs.

    No more than even, in a register so small that every two may agree.
    """
    return min(pairs / (parties * (parties - 1) / 2), 0.5)


def _agreeing(connection: duckdb.DuckDBPyConnection, ways: tuple[tuple[str, ...], ...]) -> int:
    """Count the pairs of parties that agree in all columns of any of some ways."""
    pairs = " UNION ".join(
        f"SELECT l.party_id, r.party_id FROM {_TABLE} l JOIN {_TABLE} r USING ({', '.join(way)})"  # noqa: S608
        " WHERE l.party_id < r.party_id"
        for way in ways
    )
    ((count,),) = connection.execute(f"SELECT COUNT(*) FROM ({pairs})").fetchall()  # noqa: S608
    return int(count)


def _repeats(connection: duckdb.DuckDBPyConnection, column: str) -> bool:
    count = f"SELECT COUNT({column}), COUNT(DISTINCT {column}) FROM {_TABLE}"  # noqa: S608
    ((filled, distinct),) = connection.execute(count).fetchall()
    return bool(filled > distinct)


def _settings(prior: float) -> SettingsCreator:
    name = CustomComparison(
        output_column_name="name",
        comparison_levels=[
            NullLevel("name"),
            ExactMatchLevel("name").configure(tf_adjustment_column="name"),
            JaroLevel("name_letters", 0.96).configure(tf_adjustment_column="name"),
            JaroLevel("name_letters", 0.92).configure(tf_adjustment_column="name"),
            ElseLevel(),
        ],
    )
    address = CustomComparison(
        output_column_name="address",
        comparison_levels=[
            NullLevel("address"),
            ExactMatchLevel("address").configure(tf_adjustment_column="address"),
            And(CustomLevel("house_l = house_r"), JaroLevel("address_letters", 0.92)),
            JaroLevel("address_letters", 0.96),
            ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="party_id",
        probability_two_random_records_match=prior,
        comparisons=[name, address, ExactMatch("number"), ExactMatch("country")],
        blocking_rules_to_generate_predictions=[block_on("keys", arrays_to_explode=["keys"])],
        retain_matching_columns=False,
    )


def _learn(linker: Linker, learnt_from: list[str], matching: Matching, progress: Progress) -> None:
    progress("drawing pairs", 0.1)
    training = linker.training
    training.estimate_u_using_random_sampling(matching.sampled_pairs, seed=matching.seed)
    progress("learning", 0.2)
    for column in learnt_from:
        # Where a small register shows nothing of something, its share falls to zero, which Splink
        # refuses; what was to be learnt there stays as Splink assumes it.
        with suppress(ValueError):
            training.estimate_parameters_using_expectation_maximisation(
                block_on(column), max_pairs=matching.sampled_pairs
            )


def _listed(found: duckdb.DuckDBPyRelation) -> list[Match]:
    return sorted(found.project("party_id_l, party_id_r, match_probability").fetchall())
