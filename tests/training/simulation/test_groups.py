"""The groups of goods cover the Harmonised System once."""

from training.simulation.groups import GROUPS, origin_weights
from training.simulation.schemes import OFFENCES, SCHEMES


def test_every_chapter_belongs_to_one_group():
    chapters = [n for g in GROUPS for n in range(g.chapters[0], g.chapters[1] + 1)]
    reserved = {77}
    assert set(range(1, 98)) - reserved <= set(chapters)
    assert len(chapters) == len(set(chapters))


def test_every_group_comes_from_somewhere():
    assert (origin_weights().sum(axis=1) > 0).all()


def test_schemes_hide_among_groups_that_exist():
    names = {group.name for group in GROUPS}
    assert all(set(scheme.groups) <= names for scheme in SCHEMES)
    assert all(scheme.offence in OFFENCES for scheme in SCHEMES)
