"""The audit of the locked packages: a finding fails, and "nobody was asked" is never taken for "nothing known"."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.paths import ROOT

# What pip-audit 2.10 prints, and how it ends.
CLEAN = "echo 'No known vulnerabilities found' >&2"
UNKNOWN = f"""{CLEAN}; echo 'Name Skip Reason
---- ----------------------------------------------------------------
cffi Dependency not found on PyPI and could not be audited: cffi (2.1.1)'"""
VULNERABLE = """echo 'Found 1 known vulnerability in 1 package' >&2; echo 'Name  Version ID             Fix Versions
----- ------- -------------- ------------
pyjwt 2.3.0   PYSEC-2022-202 2.4.0'; exit 1"""
BOTH = VULNERABLE.replace("; exit 1", "") + f"; {UNKNOWN}; exit 1"
UNREACHABLE = "echo 'requests.exceptions.ConnectionError: refused' >&2; exit 1"
NOT_INSTALLED = "echo 'No module named pip_audit' >&2; exit 1"

Audit = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """``make audit`` with a pip-audit that answers as told, of one lock or of all; what it was asked goes to a file."""

    def run(answer: str, *arguments: str, of: str = "", otherwise: str = CLEAN) -> subprocess.CompletedProcess[str]:
        python = tmp_path / "python"
        python.write_text(
            f'#!/bin/sh\necho "$@" >>"{tmp_path}/asked"\ncase "$*" in *{of}) {answer};; *) {otherwise};; esac\n'
        )
        python.chmod(0o755)
        return subprocess.run(
            ["make", "--old-file=.venv/.stamp", f"RUN={python}", "audit", *arguments],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


REQUIRED = [(), ("AUDIT_REQUIRED=1",)]


@pytest.mark.parametrize("arguments", REQUIRED)
def test_nothing_known(audit: Audit, arguments: tuple[str, ...]) -> None:
    done = audit(CLEAN, *arguments)

    assert done.returncode == 0
    assert "requirements/dev.txt: No known vulnerabilities found\n" in done.stdout
    assert "NOT AUDITED" not in done.stdout


@pytest.mark.parametrize("arguments", REQUIRED)
@pytest.mark.parametrize("otherwise", [CLEAN, UNKNOWN, UNREACHABLE])
@pytest.mark.parametrize("answer", [VULNERABLE, BOTH], ids=["alone", "beside a package that nobody knows"])
def test_a_finding_in_one_lock_fails_whatever_becomes_of_the_others(
    audit: Audit, answer: str, otherwise: str, arguments: tuple[str, ...]
) -> None:
    done = audit(answer, *arguments, of="requirements/dev.txt", otherwise=otherwise)

    assert done.returncode != 0
    assert "pyjwt 2.3.0   PYSEC-2022-202 2.4.0" in done.stdout
    assert "There are known vulnerabilities." in done.stdout


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (UNREACHABLE, "requests.exceptions.ConnectionError: refused"),
        (NOT_INSTALLED, "No module named pip_audit"),
        (UNKNOWN, "1 packages that the service does not know"),
    ],
    ids=["unreachable", "not installed", "nothing known of one"],
)
def test_without_the_service_it_says_so_and_fails_only_where_it_is_required(
    audit: Audit, answer: str, reason: str
) -> None:
    done = audit(answer)

    assert done.returncode == 0
    assert f"requirements/dev.txt: NOT AUDITED: {reason}\n" in done.stdout
    assert "Not every package was audited." in done.stdout
    assert "No known vulnerabilities" not in done.stdout
    assert audit(answer, "AUDIT_REQUIRED=1").returncode != 0


def test_every_lock_file_is_audited(audit: Audit, tmp_path: Path) -> None:
    audit(CLEAN)

    asked = {Path(line.split()[-1]) for line in (tmp_path / "asked").read_text().splitlines()}
    locked = {path for folder in ("requirements", "layers") for path in (ROOT / folder).rglob("*.txt")}
    assert asked == {path.relative_to(ROOT) for path in locked if "--hash=" in path.read_text(encoding="utf-8")}
