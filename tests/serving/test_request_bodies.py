"""Bodies are read as Python reads JSON, however they are read."""

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from serving.problems import Problem
from serving.requests import Limits, read_records

ODD = (math.nan, math.inf, -math.inf, 2**63, 2**64, -(10**19), 10**25, -0.0, "\ud800", "\u2028")
CELLS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(ODD)
RECORDS = st.lists(st.dictionaries(st.text(), CELLS | st.lists(CELLS)), min_size=1)


@given(RECORDS, st.booleans())
@example([{"importer_id": 12345678901234567890123}], True)
def test_a_body_is_read_as_python_reads_it(records, is_ascii):
    body = json.dumps({"records": records}, ensure_ascii=is_ascii).encode(errors="replace")
    expected = json.loads(body)["records"]
    assert repr(read_records(body, Limits())) == repr(expected)


@pytest.mark.parametrize("body", [b"", b"{", b"[1,]", b'"\xff"', b"\x00", b"[" * 100_000])
def test_what_is_no_json_is_told_as_such(body):
    with pytest.raises(Problem) as caught:
        read_records(body, Limits())
    assert caught.value.status == 400
    assert f"got {len(body)} bytes" in caught.value.detail
