"""The audit of the locked packages: a finding fails, and "nobody was asked" is never taken for "nothing known"."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools import audit
from tools.audit import LOCKS, Finding, Report

# As pip-audit 2.10 writes them.
CLEAN = {"name": "boto3", "version": "1.43.108", "vulns": []}
UNKNOWN = {"name": "cffi", "skip_reason": "Dependency not found and could not be audited: cffi (2.1.1)"}
VULNERABLE = {
    "name": "pyjwt",
    "version": "2.3.0",
    "vulns": [{"id": "PYSEC-2022-202", "fix_versions": ["2.4.0"], "aliases": ["CVE-2022-29217"]}],
}


def report(*dependencies: dict[str, Any]) -> Report:
    return Report.parse(json.dumps({"dependencies": dependencies, "fixes": []}))


def asked(*dependencies: dict[str, Any]) -> Callable[[Path], Report | None]:
    return lambda _lock: report(*dependencies)


def test_a_report_is_read() -> None:
    finding = Finding("pyjwt", "2.3.0", "PYSEC-2022-202", "2.4.0")
    assert report(CLEAN, UNKNOWN, VULNERABLE) == Report(audited=2, skipped=1, findings=(finding,))


@pytest.mark.parametrize("text", ["", "Traceback", "[]", "{}", '{"dependencies": [1]}', '{"dependencies": [{}]}'])
def test_what_is_no_report(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's own, or ours
        Report.parse(text)


@pytest.mark.parametrize("required", [True, False])
def test_nothing_known(required: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit(asked(CLEAN), required=required) == 0
    assert "No known vulnerabilities." in capsys.readouterr().out


@pytest.mark.parametrize("required", [True, False])
def test_a_finding_fails(required: bool, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.audit(asked(CLEAN, VULNERABLE, UNKNOWN), required=required) == 1
    assert "pyjwt 2.3.0: PYSEC-2022-202, fixed in 2.4.0" in capsys.readouterr().out


def test_a_finding_in_one_lock_fails_though_the_others_could_not_be_asked_about() -> None:
    answers = {LOCKS[0]: report(VULNERABLE)}
    assert audit.audit(answers.get, required=False) == 1


@pytest.mark.parametrize(
    "ask",
    [lambda _lock: None, asked(UNKNOWN), asked(CLEAN, UNKNOWN)],
    ids=["unreachable", "nothing known of any", "nothing known of one"],
)
def test_without_the_service_it_says_so_and_fails_only_where_it_is_required(
    ask: Callable[[Path], Report | None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.audit(ask, required=False) == 0
    printed = capsys.readouterr().out
    assert "NOT AUDITED" in printed
    assert "No known vulnerabilities" not in printed
    assert audit.audit(ask, required=True) == 1


def test_a_finding_that_is_accepted_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "ACCEPTED", {"PYSEC-2022-202": "we pin the algorithms"})

    assert audit.audit(asked(VULNERABLE), required=True) == 0
    assert "accepted: we pin the algorithms" in capsys.readouterr().out


def test_every_lock_file_is_audited() -> None:
    seen: list[Path] = []

    def ask(lock: Path) -> Report:
        seen.append(lock)
        return report(CLEAN)

    audit.audit(ask, required=True)

    root = Path(__file__).resolve().parents[2]
    locked = {path for folder in ("requirements", "layers") for path in (root / folder).rglob("*.txt")}
    assert set(seen) == set(LOCKS) == {path for path in locked if "--hash=" in path.read_text(encoding="utf-8")}


def test_nothing_is_accepted_without_a_reason() -> None:
    assert all(reason.strip() for reason in audit.ACCEPTED.values())
