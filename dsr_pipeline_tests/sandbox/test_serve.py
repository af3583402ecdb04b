"""The server itself: it ends when told, survives restarts, speaks TLS, and says what it is."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
import requests
import smartsheet

from dsr_pipeline.sandbox.serve import CannotServe, Certificate, serve
from dsr_pipeline_tests.standin import START, TOKEN, StandIn, StandInFactory


def test_the_sdk_works_over_tls_and_a_reset_is_a_reset_there_too(
    stand_in_factory: StandInFactory, certificate: Certificate
) -> None:
    stand_in = stand_in_factory(certificate=certificate)
    assert stand_in.base.startswith("https://127.0.0.1:")
    sheet = stand_in.sheet("Über TLS")
    client: smartsheet.Smartsheet = stand_in.sdk()
    client._session.verify = str(certificate.certificate)
    assert client.Sheets.get_sheet(sheet.id).name == "Über TLS"
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{stand_in.base}/users/me", timeout=5)
    for kind in ("reset_before", "truncated_body"):
        stand_in.faults.add(kind=kind)
        with pytest.raises(requests.RequestException):
            requests.get(
                f"{stand_in.base}/sheets/{sheet.id}",
                headers={"Authorization": f"Bearer {TOKEN}"},
                verify=str(certificate.certificate),
                timeout=5,
            )


def test_every_answer_says_that_it_is_a_stand_in(stand_in: StandIn) -> None:
    for answer in (
        stand_in.http("GET", "/users/me"),
        stand_in.http("GET", "/nothing"),
        stand_in.http("GET", "/users/me", None),
        requests.get(stand_in.root, timeout=5),
    ):
        assert answer.headers["X-Stand-In"] == "1"


def test_it_listens_on_this_machine_only(stand_in: StandIn) -> None:
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in others - {"127.0.0.1"}:
        if str(address).startswith("127."):
            continue
        with socket.socket() as probe:
            probe.settimeout(2)
            assert probe.connect_ex((address, stand_in.running.port)) != 0


def test_stopping_ends_it_at_once_with_a_request_under_way(stand_in: StandIn) -> None:
    stand_in.faults.add(kind="slow_first_byte", seconds=60)
    told: list[Exception] = []

    def wait() -> None:
        try:
            stand_in.http("GET", "/users/me")
        except requests.RequestException as error:
            told.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while not stand_in.journal():
        time.sleep(0.01)
    start = time.monotonic()
    stand_in.running.stop()
    waiting.join(5)
    assert time.monotonic() - start < 4
    assert len(told) == 1
    stand_in.running.stop()
    with pytest.raises(requests.ConnectionError):
        stand_in.http("GET", "/users/me")


def test_what_was_written_survives_a_restart(stand_in_factory: StandInFactory, tmp_path: Path) -> None:
    file = tmp_path / "kept.sqlite"
    first = stand_in_factory(db=file)
    sheet = first.sheet()
    first.http("POST", f"/sheets/{sheet.id}/attachments", files={"file": ("a.txt", b"1")})
    first.running.stop()
    first.store.close()
    second = stand_in_factory(db=file)
    listed = second.http("GET", f"/sheets/{sheet.id}/attachments").json()
    assert [each["name"] for each in listed["data"]] == ["a.txt"]
    assert [entry.seq for entry in second.journal()] == [1, 2]


def test_a_taken_port_is_one_sentence(stand_in: StandIn) -> None:
    async def app(*_: object) -> None: ...

    with pytest.raises(CannotServe, match=f"port {stand_in.running.port} of 127.0.0.1 cannot be used"):
        serve(app, port=stand_in.running.port, token=TOKEN)


def test_small_answers_are_not_held_back(stand_in: StandIn) -> None:
    """A listener without a named protocol kept Nagle's algorithm on: 40 ms for each answer."""
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {TOKEN}"}
        taken: list[float] = []
        for _ in range(15):
            start = time.monotonic()
            assert session.get(f"{stand_in.base}/users/me", headers=headers, timeout=5).status_code == 200
            taken.append(time.monotonic() - start)
    assert sorted(taken)[3] < 0.03


def test_its_clock_begins_where_the_fixture_says(stand_in: StandIn) -> None:
    assert stand_in.clock.now() == START
