import json
from dataclasses import fields, replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from models.registry import Registry
from tests.models.synthetic import FEATURES, QUICK
from training.account import Told, account
from training.evidence import Evidence
from training.families import FAMILIES
from training.groups import group_values
from training.judged import judged_shipments
from training.keeping import Ground, Keeper
from training.page import ALT, card, page
from training.promotion import promote
from training.record import recorded
from training.report import Report
from training.rival import Rival
from training.sections import Section
from training.split import split
from training.train import train

ABLATED = {
    "subject": "shipments",
    "evaluate_from": "2024-10-01",
    "inspected": [
        {"families": "customs", "precision_at_1pct": 0.5, "average_precision": 0.25}
        | {"average_precision_drugs": 0.0625},
        {"families": "customs+transit", "precision_at_1pct": 0.75, "average_precision": 0.373}
        | {"gain": 0.123, "gain_low": 0.05, "gain_high": 0.2, "adds_nothing_shown": False},
        {"families": "customs+transit+payments", "average_precision": 0.375, "gain": 0.002}
        | {"gain_low": -0.01, "gain_high": 0.02, "adds_nothing_shown": True},
    ],
    "simulated_typologies": [
        {"typology": "all", "offending": 1200, "policy": 0.25, "model": 0.5, "oracle": 1.0},
        {"typology": "drugs in fruit", "offending": 62, "policy": 0.125, "model": 0.375},
    ],
}
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


def ablated_before(home, run_id):
    """Keep an ablation on the ground of a run."""
    registry = Registry(home)
    params = registry.client.get_run(run_id).data.params
    ground = Ground(**{name.name: params[name.name] for name in fields(Ground)})
    with recorded(registry, "shipments", "ablation") as record:
        Keeper(registry, "shipments").keep_ablation(record.run_id, ground, ABLATED)
    return ground


def test_each_version_has_its_page_and_its_card_and_the_registry_its_words(
    store, own_copy, tmp_path
):
    home, first = own_copy
    promote(store, home, "shipments", "1")
    ablated_before(home, first.run_id)
    result = train(store, home, "shipments", settings=QUICK, refit=True, notes=("Simulated.",))
    registry = Registry(home)
    read = registry.client.download_artifacts
    for version, said in (("2", "Simulated."), ("3", "those of version 2, the earlier fit")):
        folder = f"version-{version}"
        names = [f.path for f in registry.client.list_artifacts(result.run_id, folder)]
        assert names == [f"{folder}/{n}" for n in ("account.json", "card.md", "evaluation.html")]
        text = Addresses(
            Path(read(result.run_id, f"{folder}/evaluation.html", str(tmp_path))).read_text()
        ).text
        assert f"Shipments model, version {version}" in text
        assert "Champion, version 1" in text
        assert "+0.123 (+0.050 to +0.200)" in text
        described = registry.version("shipments", version).description
        assert said in described
        assert "Known limits" in described
        assert len(described) < 5000


def families(told):
    return next(section for section in account(told) if section.title == FAMILIES)


def test_without_an_ablation_a_sentence_says_so(told):
    section = families(told)
    assert not section.tables
    assert "`tidewaiter ablate shipments`" in section.paragraphs[0]


def test_an_ablation_is_told_row_by_row(told):
    steps, offences, typologies = families(replace(told, ablated=ABLATED)).tables
    added = ["declarations and controls", "+ movements in transit", "+ payments"]
    assert [row[0] for row in steps.rows] == added
    assert [row[-2:] for row in steps.rows] == [
        ("-", "-"),
        ("+0.123 (+0.050 to +0.200)", "yes"),
        ("+0.002 (-0.010 to +0.020)", "no"),
    ]
    assert offences.header[1:] == ("Drugs",)
    assert [row[1] for row in offences.rows] == ["0.062", "-", "-"]
    assert [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in typologies.rows[1]] == [
        "Drugs in fruit",
        "62",
        "12 %",
        "38 %",
        "-",
    ]


def test_sections_survive_json(told):
    for section in account(replace(told, ablated=ABLATED)):
        assert Section.from_json(json.loads(json.dumps(section.to_json()))) == section


def test_a_later_ablation_is_put_into_the_page_of_versions_on_its_ground(trained, tmp_path):
    home, result = trained
    registry, keeper = Registry(home), Keeper(Registry(home), "shipments")
    ground = ablated_before(home, result.run_id)
    elsewhere = replace(ground, training_sha256="of other records")
    assert keeper.ablation(ground) == ABLATED
    assert keeper.ablation(elsewhere) is None
    assert keeper.show_ablation("run", elsewhere, ABLATED) == []

    def text():
        read = registry.client.download_artifacts
        return Path(read(result.run_id, "version-1/evaluation.html", str(tmp_path))).read_text(
            encoding="utf-8"
        )

    before = text()
    assert "tidewaiter ablate shipments" in before
    assert keeper.show_ablation("run", ground, ABLATED) == ["1"]
    after = text()
    assert "+0.123 (+0.050 to +0.200)" in after
    assert "tidewaiter ablate shipments" not in after
    for part in (Addresses(before), Addresses(after)):
        assert len(part.images) == len(ALT)
        assert "Whom the ranking errs on" in part.text
    assert Addresses(before).wanted == Addresses(after).wanted
    assert registry.version("shipments", "1").tags["ablation_run"] == "run"
