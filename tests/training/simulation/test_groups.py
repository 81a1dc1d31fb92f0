"""The groups of goods cover the Harmonised System once."""

from training.simulation.goods.groups import GROUPS, origin_weights
from training.simulation.typologies import OFFENCES, TYPOLOGIES, trait


def test_every_chapter_belongs_to_one_group():
    chapters = [n for g in GROUPS for n in range(g.chapters[0], g.chapters[1] + 1)]
    reserved = {77}
    assert set(range(1, 98)) - reserved <= set(chapters)
    assert len(chapters) == len(set(chapters))


def test_every_group_comes_from_somewhere():
    assert (origin_weights().sum(axis=1) > 0).all()


def test_typologies_hide_among_groups_that_exist():
    names = {group.name for group in GROUPS}
    assert all(set(typology.cover.groups) <= names for typology in TYPOLOGIES)
    assert all(typology.offence in OFFENCES for typology in TYPOLOGIES)


def test_the_honest_bend_nothing():
    for part, name in (("cover", "price_shift"), ("journey", "lost"), ("money", "third_party")):
        assert trait(part, name)[-1] == 0.0
        assert trait(part, name)[:-1].any()
