"""Tables of figures: whole in a file, within the terminal on one."""

import pytest
from rich.text import Text

from features.printing import print_table
from training.tables import rows_table

ROW = {"feature": "importer__payment_partners_with_offence__365d", "what it says": "said " * 20}


@pytest.fixture
def shown(capsys):
    def lines():
        print_table(rows_table([ROW], "one row"))
        return capsys.readouterr().out.splitlines()

    return lines


def test_a_table_in_a_pipe_is_not_cut(shown, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert [line for line in shown() if all(cell.strip() in line for cell in ROW.values())]


def test_a_table_on_a_terminal_is_no_wider_than_it(shown, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert max(Text.from_ansi(line).cell_len for line in shown()) == 60
