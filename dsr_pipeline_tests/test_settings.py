"""Settings: where they come from, which one wins, and what is said when one cannot be used."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from dsr_pipeline import settings as module
from dsr_pipeline.settings import (
    Settings,
    SettingsError,
    open_smartsheet,
    settings_table,
    unknown_settings,
)
from dsr_pipeline.smartsheet.errors import RateLimited, Unreachable
from dsr_pipeline.smartsheet.sources import Limits

INTERFACE = (
    "DSR_HOME DSR_LAKE DSR_TIMEZONE SMARTSHEET_API_TOKEN SMARTSHEET_API_BASE SENTRY_DSN DSR_NOTIFY_URLS "
    "DSR_SIGNING_KEY DSR_BACKUP_KEY DSR_POSTGRES_URL"
).split()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine, and a project folder without `.env`."""
    for name in INTERFACE:
        monkeypatch.delenv(name, raising=False)
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(module, "project_folder", lambda: project)


def test_without_any_setting_the_project_folder_is_home_and_nothing_remote_is_known(tmp_path: Path) -> None:
    settings = Settings.load()
    assert settings.home == tmp_path / "project"
    assert settings.inbox == tmp_path / "project" / "csv_inbox"
    assert settings.lake_url == str(tmp_path / "project" / "data" / "lake")
    assert settings.dagster_home == tmp_path / "project" / "data" / ".dagster"
    assert settings.smartsheet_token is None
    assert settings.notify_urls == ()


def test_an_argument_wins_over_the_environment_and_that_over_env_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "project" / ".env").write_text("DSR_TIMEZONE=Europe/Berlin\nSENTRY_DSN=x\n")
    assert Settings.load().timezone == "Europe/Berlin"
    monkeypatch.setenv("DSR_TIMEZONE", "America/Denver")
    assert Settings.load().timezone == "America/Denver"
    assert Settings.load(DSR_TIMEZONE="UTC").timezone == "UTC"
    assert Settings.load(SENTRY_DSN=None).sentry_dsn is None


def test_another_home_has_an_env_file_of_its_own_and_not_the_secrets_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo must not find the token of the office."""
    (tmp_path / "project" / ".env").write_text("SMARTSHEET_API_TOKEN=hush\nDSR_TIMEZONE=Europe/Berlin\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".env").write_text("DSR_TIMEZONE=America/Chicago\n")
    monkeypatch.setenv("DSR_HOME", str(home))
    for loaded in (Settings.load(home), Settings.load()):
        assert (loaded.home, loaded.timezone) == (home, "America/Chicago")
        assert loaded.smartsheet_token is None


def test_home_may_stand_in_the_projects_env_file_relative_to_that_file(tmp_path: Path) -> None:
    (tmp_path / "project" / ".env").write_text("DSR_HOME=../office\nDSR_TIMEZONE=Europe/Berlin\n")
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / ".env").write_text("DSR_LAKE=tables\n")
    loaded = Settings.load()
    assert (loaded.home, loaded.timezone) == (tmp_path / "office", "Europe/Berlin")
    assert loaded.lake_url == str(tmp_path / "office" / "tables")


def test_an_empty_value_means_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SMARTSHEET_API_TOKEN", "")
    monkeypatch.setenv("DSR_HOME", "")
    assert Settings.load().smartsheet_token is None
    assert Settings.load().home == tmp_path / "project"


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("DSR_TIMEZONE", "Mars/Base", "DSR_TIMEZONE: 'Mars/Base' is not an IANA time zone"),
        ("DSR_TIMEZONE", "../etc", "DSR_TIMEZONE"),
        (
            "SMARTSHEET_API_BASE",
            "api.smartsheet.com",
            "SMARTSHEET_API_BASE: 'api.smartsheet.com' is not a web",
        ),
    ],
)
def test_a_bad_value_is_named_with_its_setting_and_the_mend(
    name: str, value: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=r"correct it in the environment or in \.env") as caught:
        Settings.load()
    assert says in str(caught.value)


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "SMARTSHEET_API_TOKEN",
        "DSR_NOTIFY_URLS",
        "DSR_POSTGRES_URL",
        "SENTRY_DSN",
        "DSR_SIGNING_KEY",
    ):
        monkeypatch.setenv(name, "hush-hush")
    settings = Settings.load()
    assert "hush" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert settings.smartsheet_token is not None
    assert settings.smartsheet_token.get_secret_value() == "hush-hush"


def test_several_addresses_for_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DSR_NOTIFY_URLS", "mailto://a@example.org\n slack://b ")
    assert Settings.load().notify_urls == ("mailto://a@example.org", "slack://b")


def test_a_lake_elsewhere_is_a_url_or_a_path_from_the_home(tmp_path: Path) -> None:
    assert Settings.load(tmp_path, DSR_LAKE="s3://bucket/lake").lake_url == "s3://bucket/lake"
    assert Settings.load(tmp_path, DSR_LAKE="tables").lake_url == str(tmp_path / "tables")


def test_a_misspelt_setting_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DSR_TIMEZON", "UTC")
    (tmp_path / ".env").write_text("SMARTSHEET_TOKEN=x\nOTHER=y\n")
    assert unknown_settings(tmp_path) == ("DSR_TIMEZON", "SMARTSHEET_TOKEN")


def test_an_env_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "project" / ".env").write_bytes(b"\xff\xfe\x00D")
    with pytest.raises(SettingsError, match="UTF-8"):
        Settings.load()


def test_the_table_of_settings_is_complete_and_is_what_the_docs_show(project: Path) -> None:
    table = settings_table()
    assert [line.split("`")[1] for line in table.splitlines()[2:]] == INTERFACE
    assert table in (project / "docs" / "settings.md").read_text(encoding="utf-8")


def a_token_for_nobody(home: Path) -> Settings:
    """Settings with a token, and an address at which nothing answers."""
    return Settings.load(home, SMARTSHEET_API_TOKEN="hush-hush", SMARTSHEET_API_BASE="http://127.0.0.1:9/2.0")


def test_no_client_opens_without_a_token(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path, SMARTSHEET_API_TOKEN=None)
    with pytest.raises(SettingsError, match="SMARTSHEET_API_TOKEN is not set"):
        open_smartsheet(settings, Limits())


def test_processes_share_a_budget_whose_file_does_not_name_the_token(tmp_path: Path) -> None:
    settings = a_token_for_nobody(tmp_path)
    with closing(open_smartsheet(settings, Limits(), patience=0.1)) as client, pytest.raises(Unreachable):
        client.me()
    files = list(settings.budgets.iterdir())
    assert files
    assert not any("hush" in file.name or b"hush" in file.read_bytes() for file in files)


def test_a_single_question_leaves_no_file(tmp_path: Path) -> None:
    settings = a_token_for_nobody(tmp_path)
    with closing(open_smartsheet(settings, None, patience=0.1)) as client, pytest.raises(Unreachable):
        client.me()
    assert not settings.data.exists()


def test_who_has_no_patience_does_not_queue_for_the_budget(tmp_path: Path) -> None:
    settings = a_token_for_nobody(tmp_path)
    with closing(open_smartsheet(settings, Limits(units_per_minute=5), patience=0.1)) as client:
        with pytest.raises(Unreachable):
            client.me()
        with pytest.raises(RateLimited, match="used up for another"):
            client.me()
