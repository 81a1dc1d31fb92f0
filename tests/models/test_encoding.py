import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.encoding import Encoding
from tests.models.synthetic import a_feature

ORIGIN = a_feature("origin", "category")
MASS = a_feature("mass")


def origins(values):
    return pd.DataFrame({"origin": pd.Series(values, dtype="str")})


@given(st.lists(st.sampled_from(["A", "B", "C", None]), min_size=1))
def test_codes_tell_known_levels_apart_and_leave_missing_ones_missing(values):
    table = origins(values)
    encoding = Encoding.fit(table, [ORIGIN])
    codes = encoding.matrix(table)[:, 0]
    decoded = [None if np.isnan(c) else encoding.levels["origin"][int(c)] for c in codes]
    assert decoded == values


def test_a_level_that_training_did_not_see_is_missing():
    encoding = Encoding.fit(origins(["A", "B"]), [ORIGIN])
    assert np.isnan(encoding.matrix(origins(["Z", "", None]))).all()


def test_a_level_rarer_than_asked_is_missing():
    encoding = Encoding.fit(origins(["A", "A", "B"]), [ORIGIN], min_rows=2)
    assert encoding.levels["origin"] == ("A",)
    assert np.isnan(encoding.matrix(origins(["B"])))[0, 0]


def test_codes_do_not_depend_on_the_order_of_rows():
    forwards = Encoding.fit(origins(["C", "A", "B"]), [ORIGIN])
    assert forwards == Encoding.fit(origins(["B", "C", "A"]), [ORIGIN])


def test_columns_follow_the_features_and_not_the_table():
    table = pd.DataFrame({"mass": [5.0], "origin": pd.Series(["A"], dtype="str"), "other": [9]})
    encoding = Encoding.fit(table, [ORIGIN, MASS])
    assert encoding.matrix(table).tolist() == [[0.0, 5.0]]
    assert encoding.categories == (0,)


def test_missing_numbers_of_any_dtype_are_nan():
    table = pd.DataFrame({"mass": pd.Series([None, 2], dtype="Float64")})
    matrix = Encoding(("mass",), {}).matrix(table)
    assert np.isnan(matrix[0, 0])
    assert matrix[1, 0] == 2.0


def test_the_last_bits_of_a_number_do_not_reach_the_model():
    encoding = Encoding(("mass",), {})
    table = pd.DataFrame({"mass": [0.1 + 0.2, 0.3, 1e9 / 3, -2.5]})
    noisy = pd.DataFrame({"mass": np.nextafter(table["mass"], np.inf)})
    assert encoding.matrix(table).tolist() == encoding.matrix(noisy).tolist()
    np.testing.assert_allclose(encoding.matrix(table)[:, 0], table["mass"], rtol=1e-7)


def test_an_absent_column_is_named():
    with pytest.raises(ValueError, match="mass"):
        Encoding(("mass",), {}).matrix(pd.DataFrame({"origin": ["A"]}))


def test_an_encoding_survives_json():
    encoding = Encoding.fit(origins(["Ä", "B"]), [ORIGIN])
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding
