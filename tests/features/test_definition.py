"""A feature is defined by its code and whatever its code leans on, not by its words."""

from dataclasses import replace

import numpy as np
import pytest

from features.catalog import companions, feature_set, goods, trader
from features.definition import definition

SHIPMENTS = feature_set("shipments")
SCALE = 2.0
NAMED = {"one": (1.0, "a"), "two": frozenset({3, 4})}


def fingerprint():
    """Take the fingerprint afresh: a feature set remembers its own."""
    return replace(SHIPMENTS).fingerprint


def other_deviation(columns, value):
    return columns[value] * 2


def scaled(values):
    """Words."""
    return SCALE * values


def feature(columns):
    return scaled(columns["value"])


def test_another_helper_is_another_fingerprint(monkeypatch):
    before = fingerprint()
    assert before == SHIPMENTS.fingerprint
    monkeypatch.setattr(goods, "_deviation", other_deviation)
    assert fingerprint() != before


def test_another_constant_of_a_helper_is_another_fingerprint(monkeypatch):
    monkeypatch.setattr(trader, "_PRIOR_INSPECTIONS", 11.0)
    assert fingerprint() != SHIPMENTS.fingerprint


def test_what_no_feature_of_the_set_reads_leaves_the_fingerprint(monkeypatch):
    monkeypatch.setattr(companions, "_TOGETHER", None)
    monkeypatch.setattr(trader, "_ROLES", ())
    assert fingerprint() == SHIPMENTS.fingerprint


def test_constants_are_followed_through_helpers(monkeypatch):
    before = definition(feature)
    monkeypatch.setitem(globals(), "SCALE", 3.0)
    assert definition(feature) != before


def test_what_a_closure_holds_is_part_of_it():
    def multiplied(factor):
        return lambda columns: [factor * one for one in columns["value"]]

    assert definition(multiplied(2)) == definition(multiplied(2))
    assert definition(multiplied(2)) != definition(multiplied(3))
    assert definition(multiplied(scaled)) != definition(multiplied(feature))


def test_words_are_no_part_of_it():
    assert "Words" not in definition(feature)
    hs_chapter = definition(goods.hs_chapter.compute)
    assert "heading[:2]" in hs_chapter
    assert "two digits" not in hs_chapter
    assert "Goods are of" not in hs_chapter


def test_functions_that_read_each_other_have_an_end():
    def even(number):
        return number == 0 or odd(number - 1)

    def odd(number):
        return number != 0 and even(number - 1)

    assert "odd" in definition(even)


def test_containers_are_written_out_and_libraries_named():
    def reads():
        return NAMED, np.where

    written = definition(reads)
    assert "NAMED = mapping('one': sequence(1.0, 'a'), 'two': set(3, 4))" in written
    assert "np = .numpy" in written


def test_what_cannot_be_written_is_refused():
    unsayable = object()
    with pytest.raises(TypeError, match="got <object"):
        definition(lambda _columns: unsayable)
