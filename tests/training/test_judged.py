import pandas as pd
import pytest

from tests.models.synthetic import FEATURES
from training.dataset import labelled
from training.judged import judged_shipments
from training.report import Report


@pytest.fixture(scope="module")
def shipments(world, fitted):
    return judged_shipments(fitted, labelled(FEATURES, *world))


def test_shipments_come_once_each_the_riskiest_first(world, shipments):
    table, _ = world
    assert sorted(shipments["declaration_id"]) == sorted(table["declaration_id"].unique())
    assert shipments["log_odds"].is_monotonic_decreasing


def test_a_shipment_is_judged_at_its_riskiest_item_by_what_any_item_held(world, fitted, shipments):
    table, inspections = world
    scores = fitted.score(table).frame
    expected = pd.DataFrame(
        {
            "risk": scores.groupby("declaration_id")["risk"].max(),
            "outcome": inspections["result"].eq("offence").groupby(table["declaration_id"]).any(),
            "revenue": inspections.groupby(table["declaration_id"])["revenue_recovered"].sum(
                min_count=1
            ),
        }
    )
    found = shipments.set_index("declaration_id").loc[expected.index, list(expected.columns)]
    pd.testing.assert_frame_equal(found, expected, check_names=False)


def test_random_stratum_is_reported_on_its_own(shipments):
    report = Report.of(shipments)
    assert report.metrics["random_shipments"] == shipments["random"].sum() > 0
    alone = Report.of(shipments.loc[shipments["random"]]).metrics
    assert report.metrics["random_precision_at_10pct"] == alone["precision_at_10pct"]


def test_months_add_up_and_are_ranked_within_themselves(shipments):
    report = Report.of(shipments)
    assert sum(month["shipments"] for month in report.by_month.values()) == len(shipments)
    march = shipments.loc[shipments["known_at"].dt.strftime("%Y-%m") == "2024-03"]
    alone = Report.of(march).metrics
    for name, value in report.by_month["2024-03"].items():
        assert alone[name] == value


def test_an_offence_is_ranked_by_its_own_head(shipments):
    drugs = Report.of(shipments).by_offence["drugs"]
    assert drugs["own_head"]
    assert drugs["offences"] == shipments["found_drugs"].sum()
    top = shipments.nlargest(round(0.1 * len(shipments)), "risk_drugs")
    assert drugs["precision_at_10pct"] == pytest.approx(top["found_drugs"].mean(), abs=0.01)


def test_an_offence_without_a_head_is_ranked_by_the_overall_risk(shipments):
    drugs = Report.of(shipments.drop(columns="risk_drugs")).by_offence["drugs"]
    assert not drugs["own_head"]
    assert "brier" not in drugs
    top = shipments.head(-(-len(shipments) // 10))
    assert drugs["precision_at_10pct"] == top["found_drugs"].mean()
