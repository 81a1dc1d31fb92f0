from __future__ import annotations

import base64
import hmac

from hypothesis import given
from hypothesis import strategies as st

from features.home import Home
from features.records import KINDS, pseudonymise
from features.records.pseudonyms import normalise, pseudonym
from tests.features.conftest import declaration
from tests.features.worlds import frame


def test_spellings_of_one_identifier_share_a_pseudonym():
    assert pseudonym("nl 8233.44-112", b"key") == pseudonym("NL823344112", b"key")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(max_size=200))
def test_a_pseudonym_is_the_standard_library_s_hash_and_spelling(identifier, key):
    digest = hmac.digest(key, normalise(identifier).encode(), "sha256")
    assert pseudonym(identifier, key) == base64.b32encode(digest[:10]).decode()


def test_another_key_gives_another_pseudonym():
    assert pseudonym("NL1", b"key") != pseudonym("NL1", b"other")


def test_every_field_of_a_person_is_replaced_and_missing_stays_missing():
    rows = frame(
        "declarations", [declaration(1, "2026-01-01", exporter_id="X", transport_id="AB-1")]
    )
    hidden = pseudonymise(rows, "declarations", b"key")
    for name in KINDS["declarations"].persons:
        assert hidden[name].isna().tolist() == rows[name].isna().tolist()
        assert not set(hidden[name].dropna()) & set(rows[name].dropna())
    assert set(KINDS["declarations"].persons) >= {"importer_id", "exporter_id", "transport_id"}


def test_one_party_joins_across_roles():
    rows = frame("declarations", [declaration(1, "2026-01-01", importer_id="X", exporter_id="x ")])
    hidden = pseudonymise(rows, "declarations", b"key").iloc[0]
    assert hidden["importer_id"] == hidden["exporter_id"]


def test_the_key_is_made_once_and_readable_by_its_owner_only(tmp_path):
    home = Home(tmp_path / "home").prepare()
    key = home.pseudonym_key()
    assert home.pseudonym_key() == key
    assert len(key) == 32
    assert (home.path / "pseudonym.key").stat().st_mode & 0o777 == 0o600
    assert home.path.stat().st_mode & 0o777 == 0o700
