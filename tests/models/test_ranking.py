import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models.ranking import ranking, riskiest_items

KEY = b"sixteen byte key"


@given(st.dictionaries(st.text(max_size=5), st.sampled_from([0.0, 1.0, 2.0]), min_size=1))
def test_ranking_does_not_depend_on_the_order_of_arrival(risks):
    ids = list(risks)
    forwards = [ids[i] for i in ranking(np.array([risks[i] for i in ids]), ids, KEY)]
    ids.reverse()
    backwards = [ids[i] for i in ranking(np.array([risks[i] for i in ids]), ids, KEY)]
    assert forwards == backwards
    assert [risks[i] for i in forwards] == sorted(risks.values(), reverse=True)


def test_equal_risks_are_ordered_differently_under_another_key():
    ids = [f"D{i}" for i in range(50)]
    equal = np.zeros(50)
    assert ranking(equal, ids, KEY).tolist() != ranking(equal, ids, b"another").tolist()


def test_a_shipment_stands_at_its_riskiest_item_in_order_of_first_appearance():
    items = pd.DataFrame(
        {
            "declaration_id": ["B", "A", "B", "A", "C"],
            "item_number": [1, 1, 2, 2, 1],
            "log_odds": [0.1, 3.0, 0.2, 3.0, -1.0],
        }
    )
    chosen = riskiest_items(items, "declaration_id")
    assert chosen["declaration_id"].tolist() == ["B", "A", "C"]
    assert chosen["item_number"].tolist() == [2, 1, 1]
    assert chosen.columns.tolist() == items.columns.tolist()


def test_crossings_have_no_items_and_stay_as_they_are():
    crossings = pd.DataFrame({"crossing_id": ["X", "Y"], "log_odds": [0.0, 1.0]})
    pd.testing.assert_frame_equal(riskiest_items(crossings, "crossing_id"), crossings)
