"""A run of the main job contacts nothing but loopback: `quickstart`, from nothing to its curl.

What the processes' own witnesses saw, and the kernel's record of the calls is held to the same.
"""

import ipaddress
import json
import re
import socket
import subprocess
import sys

import pytest

from features.catalog import RECORDS
from tests.tidewaiter.job import main_job, tracer, witness_of, witnessed

LOCAL_FAMILIES = {"AF_UNIX", "AF_NETLINK", "AF_UNSPEC"}
# BentoML's supervisor looks up the machine's own name, for its logs.
LOCAL_NAMES = {None, "", "localhost", socket.gethostname()}


@pytest.fixture(scope="module")
def job(tmp_path_factory):
    return main_job(tmp_path_factory)


def is_local(family_name, address):
    if family_name in LOCAL_FAMILIES:
        return True
    return ipaddress.ip_address(address).is_loopback


def is_local_name(name):
    if name in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def strangers(seen):
    """Whom a witness saw asked beyond loopback."""
    addressed = [one for one in seen if "address" in one]
    named = [one for one in seen if "name" in one]
    return [
        *(one for one in addressed if not is_local(one["family"], one["address"][0])),
        *(one for one in named if not is_local_name(one["name"])),
    ]


def traced(trace):
    """Addresses of a trace: the family, and the IP where it has one."""
    for call in re.findall(r"\{sa_family=.*?\}", trace):
        [name] = re.findall(r"sa_family=(\w+)", call)
        found = re.findall(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"', call)
        yield name, *("".join(pair) for pair in found or [("", "")])


def test_the_job_ends_with_a_curl_of_each_subject_that_gets_an_explained_score(job):
    assert [answer.path for answer in job.answers] == [f"/v1/{one}/score" for one in RECORDS]
    for answer in job.answers:
        assert answer.status == 200, answer.text
        [score] = json.loads(answer.text)["scores"]
        parts = [reason["contribution"] for reason in score["reasons"]]
        total = sum(parts) + score["other_contribution"] + score["base_value"]
        assert total == pytest.approx(score["log_odds"], abs=1e-6)
        assert all(reason["text"] for reason in score["reasons"])


def test_the_figures_of_the_job_are_called_simulated(job):
    assert "simulated inspections" in " ".join(job.output.split())


def test_no_process_of_the_job_asks_beyond_loopback(job):
    assert strangers(job.seen) == []


def test_the_witness_saw_the_job_ask_its_own_service(job):
    assert ["127.0.0.1", job.port] in [one.get("address") for one in job.seen]


def test_every_process_of_the_job_carried_the_witness(job):
    witnesses = {one["pid"] for one in job.seen if one["event"] == "start"}
    assert {pid: said for pid, said in job.processes.items() if pid not in witnesses} == {}
    assert len(job.processes) >= 3, "the command, the service and its worker"


def test_the_kernel_saw_none_beyond_loopback_either(job):
    if job.trace is None:
        pytest.skip("strace is not here, or may not trace")
    calls = list(traced(job.trace))
    assert ("AF_INET", "127.0.0.1") in calls
    assert [call for call in calls if not is_local(*call)] == []


def test_the_interrupted_job_leaves_no_process_behind(job):
    assert job.outlived == []


def test_both_records_would_show_another_address(tmp_path):
    # Connecting a datagram socket sends nothing; the address is kept for documentation.
    strange = "import socket; socket.socket(type=socket.SOCK_DGRAM).connect(('192.0.2.1', 9))"
    strace = tracer(tmp_path)
    subprocess.run(
        [*strace, sys.executable, "-c", strange],
        env=witnessed(tmp_path),
        capture_output=True,
        check=False,
    )
    [stranger] = strangers(witness_of(tmp_path))
    assert stranger["address"] == ["192.0.2.1", 9]
    if strace:
        calls = traced((tmp_path / "trace").read_text())
        assert [call for call in calls if not is_local(*call)] == [("AF_INET", "192.0.2.1")]
