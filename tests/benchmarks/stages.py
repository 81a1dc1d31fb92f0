"""Where a running service spends its time, read from its own metrics."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from tests.benchmarks.caller import Caller

_STAGES, _REQUESTS = "tidewaiter_stage_seconds", "tidewaiter_request_seconds"


def seconds(caller: Caller) -> dict[str, float]:
    """Read the seconds spent in each stage so far, and in requests for scores altogether."""
    samples = {}
    for family in text_string_to_metric_families(caller.ask("GET", "/metrics").decode()):
        for sample in family.samples:
            if sample.name == f"{_STAGES}_sum":
                samples[sample.labels["stage"]] = sample.value
            elif sample.name == f"{_REQUESTS}_sum" and sample.labels["route"].endswith("/score"):
                samples["request"] = samples.get("request", 0.0) + sample.value
    return samples


def spent(
    before: Mapping[str, float], after: Mapping[str, float], calls: int, prefix: str
) -> dict[str, float]:
    """Say what a call spent on average in each stage, in ms, and outside all of them."""
    each = {name: 1e3 * (after[name] - before.get(name, 0.0)) / calls for name in after}
    request = each.pop("request")
    named = {f"{prefix}: {name}, ms": value for name, value in each.items()}
    return named | {
        f"{prefix}: no stage's, ms": request - sum(each.values()),
        f"{prefix}: whole request, ms": request,
    }
