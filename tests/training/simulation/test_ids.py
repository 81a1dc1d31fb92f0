"""Identifiers are unique, and pass the checks real ones pass."""

import numpy as np

from training.simulation.ids import container_ids, mix, party_ids, reference_numbers
from training.simulation.population.vehicles import imo_numbers


def test_mixing_maps_numbers_one_to_one():
    assert len(np.unique(mix(np.arange(1_000_000), key=3))) == 1_000_000


def test_reference_numbers_of_successive_declarations_do_not_sort_in_order():
    numbers = reference_numbers(np.full(2_000, "25NL"), np.arange(2_000), key=1)
    order = np.argsort(np.argsort(numbers))
    assert len(set(numbers)) == 2_000
    assert abs(np.corrcoef(order, np.arange(2_000))[0, 1]) < 0.1


def test_party_ids_are_unique_and_of_one_length():
    ids = party_ids(np.random.default_rng(0), "TR", 20_000)
    assert len(set(ids)) == 20_000
    assert set(np.strings.str_len(ids)) == {9}


def test_container_numbers_have_owner_category_serial_and_check_digit():
    numbers = container_ids(np.random.default_rng(0), 100)
    assert all(number[3] == "U" and number[4:].isdigit() for number in numbers)


def test_imo_numbers_pass_their_check():
    for number in imo_numbers(np.random.default_rng(0), 200):
        digits = [int(digit) for digit in number[3:]]
        total = sum(weight * digit for weight, digit in zip(range(7, 1, -1), digits, strict=False))
        assert total % 10 == digits[6]
