"""The way to the server: certificates, proxies and addresses."""

from __future__ import annotations

import ssl
from pathlib import Path
from socket import gaierror

import pytest
import requests
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    IncompleteRead,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from dsr_pipeline.sandbox.serve import Certificate
from dsr_pipeline.smartsheet.cell_values import NewRow
from dsr_pipeline.smartsheet.connection import Connection, checked_base, explained, is_loopback
from dsr_pipeline.smartsheet.errors import SmartsheetError, Unreachable
from dsr_pipeline.smartsheet.retry import Kind, RetryPolicy
from dsr_pipeline_tests.smartsheet.scripted import TOKEN, answer, client_of, serving, silence
from dsr_pipeline_tests.standin import StandInFactory

PROXY = "http://127.0.0.1:9"
USER = {"id": 1, "email": "etl.reader@example.com", "firstName": "E", "lastName": "R"}


def test_over_tls_nothing_is_sent_twice_either(
    stand_in_factory: StandInFactory, certificate: Certificate
) -> None:
    """The SDK's own https adapter would repeat the POST by itself and double the row."""
    stand_in = stand_in_factory(certificate=certificate)
    sheet = stand_in.sheet("Audit", ("Key",))
    key = sheet.columns["Key"]
    client = client_of(
        stand_in.base, token=stand_in.token, verify=str(certificate.certificate), policy=RetryPolicy()
    ).client
    stand_in.faults.add(kind="reset_after", method="POST")
    assert len(client.add_rows(sheet.id, [NewRow({key: "a"})], key_column=key)) == 1
    assert client.sheet_page(sheet.id).sheet.total_row_count == 1
    assert [entry.method for entry in stand_in.journal()].count("POST") == 1


def test_a_certificate_that_proves_nothing_ends_at_once(
    stand_in_factory: StandInFactory, certificate: Certificate
) -> None:
    stand_in = stand_in_factory(certificate=certificate)
    tried = client_of(stand_in.base, policy=RetryPolicy())
    with pytest.raises(Unreachable, match="its certificate could not be checked") as ended:
        tried.client.me()
    assert not ended.value.transient
    assert tried.time.slept == []


def test_the_environments_proxy_is_never_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, PROXY)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving(answer(USER)) as server:
        assert client_of(server.base).client.me().email == "etl.reader@example.com"


def test_the_environments_proxy_is_used_for_real_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, PROXY)
    tried = client_of("https://api.example.com/2.0", policy=RetryPolicy(attempts=2))
    with pytest.raises(Unreachable, match="the proxy of the environment does not answer"):
        tried.client.me()
    assert len(tried.time.slept) == 1


def test_netrc_never_replaces_the_token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(answer(USER), answer(b"file")) as server:
        client = client_of(server.base).client
        client.me()
        assert client.download(f"http://127.0.0.1:{server.port}/file/1", 100) == b"file"
        assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"
        assert "authorization" not in server.requests[1].headers
    netrc.write_text("machine api.example.com login somebody password else\n")
    real = Connection("https://api.example.com", policy=RetryPolicy(), verify=True, max_connections=1)
    prepared = real.session.prepare_request(requests.Request("GET", "https://api.example.com/2.0/sheets"))
    assert "Authorization" not in prepared.headers


def test_cookies_are_not_kept() -> None:
    with serving(answer(USER, 200, {"Set-Cookie": "session=1; Path=/"}), answer(USER)) as server:
        client = client_of(server.base).client
        client.me()
        client.me()
        assert "cookie" not in server.requests[1].headers


@pytest.mark.parametrize(
    ("base", "local"),
    [
        ("http://127.0.0.1:8000/2.0", True),
        ("http://127.9.9.9/2.0", True),
        ("http://[::1]:8000/2.0", True),
        ("http://localhost:8000/2.0", True),
        ("https://api.smartsheet.com/2.0", False),
        ("https://localhost.example.com/2.0", False),
        ("https://10.0.0.1/2.0", False),
    ],
)
def test_which_addresses_are_this_machine(base: str, local: bool) -> None:
    assert is_loopback(base) is local
    connection = Connection(base, policy=RetryPolicy(), verify=True, max_connections=1)
    assert connection.session.trust_env is not local


@pytest.mark.parametrize(
    ("base", "verify", "sentence"),
    [
        ("http://api.smartsheet.com/2.0", True, "would show the token to anyone on the way"),
        ("https://api.smartsheet.com/2.0", False, "check the certificate"),
        ("api.smartsheet.com/2.0", True, "must look like https://"),
        ("https://me:secret@api.smartsheet.com/2.0", True, "must look like https://"),
        ("ftp://127.0.0.1/2.0", True, "must look like https://"),
    ],
)
def test_an_address_that_would_give_the_token_away_is_refused(base: str, verify: bool, sentence: str) -> None:
    with pytest.raises(SmartsheetError, match=sentence) as refused:
        client_of(base, verify=verify)
    assert "secret" not in str(refused.value)


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    assert checked_base("https://api.smartsheet.com/2.0/", True) == "https://api.smartsheet.com/2.0"
    with serving(answer(USER)) as server:
        client_of(server.base + "/").client.me()
        assert server.paths() == ["GET /2.0/users/me"]


def test_a_session_that_is_used_without_a_timeout_has_one() -> None:
    with serving(silence) as server:
        connection = Connection(
            server.base, policy=RetryPolicy(read_seconds=0.2), verify=True, max_connections=1
        )
        with pytest.raises(requests.ReadTimeout):
            connection.session.get(server.base)


def test_both_schemes_have_one_adapter_and_no_hidden_repeats() -> None:
    connection = Connection("https://a.example", policy=RetryPolicy(), verify=True, max_connections=3)
    for scheme in ("http://", "https://"):
        adapter = connection.session.get_adapter(scheme + "a.example")
        assert adapter.max_retries.total == 0
        assert adapter.max_retries.read is False
    assert connection.session.get_adapter("http://x") is connection.session.get_adapter("https://x")


POOL = HTTPSConnectionPool("api.example.com")
NOBODY = gaierror(-2, "Name or service not known")


@pytest.mark.parametrize(
    ("problem", "kind", "sentence"),
    [
        (MaxRetryError(POOL, "/x", NameResolutionError("h", POOL, NOBODY)), Kind.NEVER_SENT, "DNS"),
        (MaxRetryError(POOL, "/x", ConnectTimeoutError(POOL, "late")), Kind.NEVER_SENT, "in time"),
        (MaxRetryError(POOL, "/x", NewConnectionError(POOL, "no")), Kind.NEVER_SENT, "refused"),
        (MaxRetryError(POOL, "/x", ProxyError("no", OSError())), Kind.NEVER_SENT, "proxy"),
        (
            MaxRetryError(POOL, "/x", SSLError(ssl.SSLCertVerificationError("no"))),
            Kind.UNTRUSTED,
            "certificate",
        ),
        (MaxRetryError(POOL, "/x", SSLError(ssl.SSLEOFError("end"))), Kind.DROPPED, "dropped"),
        (ReadTimeoutError(POOL, "/x", "late"), Kind.STALLED, "silent"),
        (IncompleteRead(3, 5), Kind.SHORT, "ended early"),
        (DecodeError("no"), Kind.UNREADABLE, "decompressed"),
        (ProtocolError("x", ConnectionResetError()), Kind.DROPPED, "dropped"),
    ],
)
def test_what_urllib3_raises_is_told_by_its_meaning(problem: Exception, kind: Kind, sentence: str) -> None:
    for wrapped in (problem, requests.ConnectionError(problem)):
        told = explained(wrapped)
        assert told.kind is kind
        assert sentence in told.what
        assert "/x" not in told.what
