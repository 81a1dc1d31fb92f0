"""Records wait until they are known; fast tables agree with slow lists."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.simulation.columns import Dated, due, totals
from training.simulation.draw import Pool
from training.simulation.rhythm import Rhythm
from training.simulation.setting import create
from training.simulation.trade.filing import Filing
from training.simulation.world import weeks

instants = st.lists(st.integers(0, 100), max_size=20)


@given(st.lists(instants, max_size=3), instants, st.integers(0, 100))
def test_what_is_due_is_what_a_sorted_list_would_give(waiting, new, until):
    tables = tuple(Dated(np.array(each, dtype=np.int64)) for each in waiting)
    ready, rest = due(tables, Dated(np.array(new, dtype=np.int64)), until)
    everything = [instant for each in waiting for instant in each] + new
    assert ready.known_us.tolist() == sorted(i for i in everything if i < until)
    assert rest[0].known_us.tolist() == [i for i in everything if i >= until]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 100)), max_size=30))
def test_totals_are_the_sums_of_each_owner(rows):
    owner = np.array([o for o, _ in rows], dtype=np.int64)
    amounts = np.array([a for _, a in rows], dtype=np.float64)
    expected = [sum(a for o, a in rows if o == number) for number in range(5)]
    assert totals(owner, amounts, 5).tolist() == expected


def test_a_pool_of_owned_things_gives_each_owner_its_own():
    owners = np.array([2, -1, 0, 2, -1, 1, 0, 2])
    among = np.array([True, True, True, True, False, True, False, True])
    pool = Pool.owned(owners, among)
    wanted = np.repeat([0, 1, 2], 500)
    drawn = pool.draw(np.random.default_rng(0), wanted)
    assert (owners[drawn] == wanted).all()
    assert among[drawn].all()
    assert set(drawn) == {0, 2, 3, 5, 7}


@pytest.fixture(scope="module")
def filing():
    world = create(Rhythm(date(2025, 6, 1), 14), seed=3, scale=0.1)
    return next(iter(weeks(world))).filing


def rows_of(filing):
    """List each declaration's id with its items, the slow way."""
    items = filing.items
    return [
        (filing.declarations.id[row], [
            (int(items.item_number[item]), float(items.value[item]))
            for item in range(len(items)) if items.declaration[item] == row
        ])
        for row in range(len(filing))
    ]  # fmt: skip


def test_declarations_taken_keep_their_items(filing):
    chosen = np.random.default_rng(0).permutation(len(filing))[:40]
    slow = rows_of(filing)
    assert rows_of(filing.take(chosen)) == [slow[row] for row in chosen]


def test_filings_stacked_keep_their_items(filing):
    first, second = filing.take(np.arange(30)), filing.take(np.arange(30, 55))
    assert rows_of(Filing.stack([first, second])) == rows_of(filing.take(np.arange(55)))


def test_a_filing_is_parted_by_when_it_is_known(filing):
    middle = int(np.median(filing.declarations.known_us))
    known, rest = filing.due(middle)
    assert (known.declarations.known_us < middle).all()
    assert (np.diff(known.declarations.known_us) >= 0).all()
    assert (rest.declarations.known_us >= middle).all()
    assert len(known) + len(rest) == len(filing)
