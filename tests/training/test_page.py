from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from models.registry import Registry
from tests.models.synthetic import FEATURES, QUICK
from training.account import Told, account
from training.evidence import Evidence
from training.groups import group_values
from training.judged import judged_shipments
from training.page import ALT, card, page
from training.promotion import promote
from training.report import Report
from training.rival import Rival
from training.split import split
from training.train import train

PICTURES = dict.fromkeys(ALT, b"\x89PNG")


class Addresses(HTMLParser):
    """Everything that a page would fetch, its text, and the tags left open."""

    def __init__(self, text):
        super().__init__()
        self.wanted, self.words, self.images = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.wanted += [v for k, v in attributes if k in {"src", "href", "data", "action"}]
        self.images += [dict(attributes)] if tag == "img" else []

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def told(world, store, fitted):
    data = split(FEATURES, *world)
    ranked = judged_shipments(fitted, data.evaluation)
    values = group_values(store, FEATURES, ranked)
    evidence = Evidence.of(ranked, values, np.random.default_rng(0))
    return Told(fitted, date(2024, 10, 1), Report.of(ranked), evidence)


def test_a_page_fetches_nothing(told):
    read = Addresses(page("Shipments", account(told), PICTURES))
    assert read.wanted
    assert all(address.startswith("data:image/png;base64,") for address in read.wanted)
    assert "url(" not in page("Shipments", account(told), PICTURES)
    assert [image["alt"] for image in read.images] == [
        ALT[name] for section in account(told) for name in section.pictures
    ]


def test_page_and_card_say_the_same(told):
    sections = account(told)
    text, plain = Addresses(page("Shipments", sections, PICTURES)).text, card("Shipments", sections)
    for section in sections:
        assert section.title in text
        for paragraph in section.paragraphs:
            assert paragraph in plain
            assert " ".join(paragraph.split()) in text
        for table in section.tables:
            cells = [cell for row in table.rows for cell in row]
            assert all(cell in plain for cell in cells)
            assert all(" ".join(cell.split()) in text for cell in cells)


def test_every_figure_stands_beside_its_interval_and_what_is_attainable(told):
    [table] = next(section.tables for section in account(told) if section.title == "Figures")
    assert table.header == (
        "",
        "As inspected",
        "All traffic, estimated",
        "Drawn at random",
        "Attainable as inspected",
    )
    rows = {row[0].replace("\N{NO-BREAK SPACE}", " "): row[1:] for row in table.rows}
    metrics, intervals = told.report.metrics, told.evidence.intervals
    low, high = intervals["weighted_precision_at_5pct"]
    figure = metrics["weighted_precision_at_5pct"]
    assert rows["Precision at 5 %"][1] == f"{figure:.3f} ({low:.3f} to {high:.3f})"
    assert rows["Precision at 5 %"][3] == f"{metrics['precision_at_5pct_attainable']:.3f}"


def test_the_champion_stands_beside_and_whether_it_had_seen_the_period(told):
    flattered = replace(told, rival=Rival("7", {"roc_auc": 0.777}, out_of_sample=False))
    plain = card("Shipments", account(flattered))
    assert "Champion, version 7" in plain
    assert "0.777" in plain
    assert "flatters" in plain


def test_what_came_with_the_data_is_text_and_no_markup(told):
    sections = account(replace(told, notes=("<script>alert('x')</script>",)))
    text = page("<b>", sections, PICTURES)
    assert "<script" not in text
    assert "<b>" not in text
    assert "&lt;script&gt;" in text


def test_each_version_has_its_page_and_its_card_and_the_registry_its_words(
    store, own_copy, tmp_path
):
    home, _ = own_copy
    promote(store, home, "shipments", "1")
    result = train(store, home, "shipments", settings=QUICK, refit=True, notes=("Simulated.",))
    registry = Registry(home)
    read = registry.client.download_artifacts
    for version, said in (("2", "Simulated."), ("3", "those of version 2, the earlier fit")):
        folder = f"version-{version}"
        names = [f.path for f in registry.client.list_artifacts(result.run_id, folder)]
        assert names == [f"{folder}/card.md", f"{folder}/evaluation.html"]
        text = Addresses(
            Path(read(result.run_id, f"{folder}/evaluation.html", str(tmp_path))).read_text()
        ).text
        assert f"Shipments model, version {version}" in text
        assert "Champion, version 1" in text
        described = registry.version("shipments", version).description
        assert said in described
        assert "Known limits" in described
        assert len(described) < 5000
