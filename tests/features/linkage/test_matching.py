from __future__ import annotations

import logging

import pandas as pd
import pytest

from features.linkage.keys import keys
from features.linkage.matching import Matching, matches
from features.linkage.wording import letters, words
from tests.features.linkage.registers import accepted, register

ROW = {"party_id": "A", "name": "Jan de Vries", "known_at": "2026-01-01"}


@pytest.fixture(scope="module")
def found():
    parties, truth = register(seed=1)
    return matches(parties, Matching()), truth


def test_most_of_those_registered_twice_are_found_and_nobody_else(found):
    pairs = {(one, other) for one, other, _ in found[0]}
    assert len(pairs & found[1]) / len(found[1]) > 0.8
    assert len(pairs & found[1]) / len(pairs) > 0.95


def test_every_pair_comes_once_in_order_and_is_probable_enough(found):
    pairs = [(one, other) for one, other, _ in found[0]]
    assert pairs == sorted(set(pairs))
    assert all(one < other for one, other in pairs)
    assert all(0.9 <= probability <= 1 for *_, probability in found[0])


def test_the_order_of_the_register_changes_no_probability(found):
    parties, _ = register(seed=1)
    assert matches(parties.sample(frac=1, random_state=1), Matching()) == found[0]


def test_a_register_that_repeats_nobody_gives_no_pairs():
    other = ROW | {"party_id": "B", "name": "Fatma Demir"}
    assert matches(accepted([ROW, other]), Matching()) == []
    assert matches(accepted([ROW]), Matching()) == []
    assert matches(accepted([ROW]).head(0), Matching()) == []


def test_a_register_of_few_parties_is_linked_too():
    """Too few to learn from, and enough to see that two of them agree in everything."""
    both = {"address": "Kade 1, Delft", "registration_number": "123 456", "country": "NL"}
    rows = [
        ROW | both,
        ROW | both | {"party_id": "B", "registration_number": "123456"},
        *(
            {"party_id": f"C{i}", "name": name, "country": "TR", "known_at": "2026-01-01"}
            | {"address": f"Street {i}", "registration_number": f"{i}"}
            for i, name in enumerate(["Fatma Demir", "Jonas Kim", "Zoran Rusu", "Emma Smith"])
        ),
    ]
    assert [pair[:2] for pair in matches(accepted(rows), Matching())] == [("A", "B")]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_register_without_any_number_is_linked_by_the_rest(seed):
    parties, truth = register(seed)
    pairs = {pair[:2] for pair in matches(parties.assign(registration_number=None), Matching())}
    assert len(pairs & truth) / len(truth) > 0.6
    assert len(pairs & truth) / len(pairs) > 0.9


def test_nothing_sealed_is_logged_or_printed(caplog, capfd):
    parties, _ = register(seed=1)
    with caplog.at_level(logging.NOTSET):
        matches(parties, Matching())
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
    sealed = set(pd.concat([parties["name"], parties["address"], parties["registration_number"]]))
    assert not [text for text in sealed if text in caplog.text]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller Handels-GmbH", "GMBH, MULLER HANDELS"),
        ("Σοφία Δήμου", "DIMOY Sofia"),
        ("B.V. Ex'port", "export bv"),
    ],
)
def test_one_name_in_two_spellings_has_the_same_words(one, other):
    assert words(one) == words(other)


def test_a_space_out_of_place_moves_no_letter():
    assert letters(words("Kim Käthe")) == letters(words("KimK äthe"))


def test_parties_that_agree_in_two_words_or_the_number_share_a_key():
    told = [
        (["JAN", "VRIES"], ["1", "KADE"], "24", "NL"),
        (["VRIES"], ["KADE", "9"], None, "TR"),
        (["PIET"], [], "24", None),
        (["PIET"], ["1", "KADE"], None, None),
        (["JAN"], [], None, "NL"),
    ]
    first, *others = (keys(*each) for each in told)
    assert all(first & other for other in others)
    assert not first & keys(["VRIES"], ["2", "LAAN"], "25", "DE")
