from __future__ import annotations

import pytest

from features.errors import TidewaiterError
from features.home import Home
from features.store import Store


def test_a_store_opens_again_with_its_own_key(new_home):
    home = new_home()
    for _ in range(2):
        with Store.open(home) as store:
            assert store.answers()


def test_another_key_is_refused(new_home):
    home = new_home()
    Store.open(home).close()
    home.pseudonym_path.write_text("00" * 32)
    with pytest.raises(TidewaiterError, match=r"pseudonyms at .*, found another"):
        Store.open(home)


def test_a_home_without_the_key_is_refused_and_given_none(new_home, tmp_path):
    home = new_home()
    Store.open(home).close()
    elsewhere = Home(tmp_path, home.database_url)
    with pytest.raises(TidewaiterError, match="found none"):
        Store.open(elsewhere)
    assert not elsewhere.pseudonym_path.exists()
