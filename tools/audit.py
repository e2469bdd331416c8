"""``make audit``: asks a vulnerability service about every package that the lock files pin.

pip-audit does the asking. Its exit status alone can't be trusted: where the service knows none of the packages (an
index mirror that serves files but no vulnerability data), it says "No known vulnerabilities found" and succeeds. So its
JSON report is read here, and "nothing known" is told apart from "nobody was asked".
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.errors import LocalError, run_command
from local.paths import ROOT

LOCKS: Final[Sequence[Path]] = (
    ROOT / "layers" / "dependencies" / "requirements.txt",
    *sorted((ROOT / "requirements").glob("*.txt")),
)
ACCEPTED: Final[Mapping[str, str]] = {}
"""Findings that we live with for the time being: advisory id to the reason why it does not concern us."""
TIMEOUT_SECONDS: Final = 300
"""For one lock file; a hundred packages take about 20 seconds."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A known vulnerability of a pinned package."""

    package: str
    version: str
    advisory: str
    fixed_in: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the packages of one lock file.

    Attributes:
        audited: Packages that the service was asked about and knew.
        skipped: Packages that it did not know.
        findings: Everything known against those audited.
    """

    audited: int
    skipped: int
    findings: tuple[Finding, ...]

    @classmethod
    def parse(cls, text: str) -> Report:
        """Read pip-audit's JSON report.

        Raises:
            ValueError: it is none.
        """
        try:
            dependencies: list[dict[str, Any]] = json.loads(text)["dependencies"]
            audited = [dependency for dependency in dependencies if "skip_reason" not in dependency]
            findings = [
                Finding(dependency["name"], dependency["version"], found["id"], ", ".join(found["fix_versions"]))
                for dependency in audited
                for found in dependency["vulns"]
            ]
        except (KeyError, TypeError) as error:
            raise ValueError("not a report of pip-audit") from error
        return cls(len(audited), len(dependencies) - len(audited), tuple(findings))


Ask = Callable[[Path], Report | None]
"""From a lock file to its report; None when the service could not be reached."""


def ask_pip_audit(lock: Path) -> Report | None:
    """Run pip-audit over one lock file.

    Raises:
        LocalError: it is not installed.
    """
    if importlib.util.find_spec("pip_audit") is None:
        raise LocalError("pip-audit is not installed; run: make setup")
    # --no-deps and --disable-pip: the lock has everything, nothing is to be resolved or downloaded.
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"]
    options = ["--format", "json", "--desc", "off", "--progress-spinner", "off"]
    try:
        completed = subprocess.run(  # noqa: S603  # our own command
            [*command, *options], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
        )
        return Report.parse(completed.stdout)
    except (ValueError, subprocess.TimeoutExpired):  # a traceback of a failed connection instead of a report
        return None


def audit(ask: Ask, *, required: bool) -> int:
    """Audit the locks and tell what came of it.

    Args:
        ask: How to ask about one lock file.
        required: Whether a package that nobody could be asked about is a failure.

    Returns:
        The exit status: 1 after a finding that is not accepted, or where ``required`` is not met.
    """
    findings: set[Finding] = set()
    complete = True
    for lock in LOCKS:
        name = lock.relative_to(ROOT)
        report = ask(lock)
        if report is None:
            complete = False
            print(f"{name}: NOT AUDITED: the vulnerability service could not be reached")
            continue
        findings |= set(report.findings)
        complete = complete and report.skipped == 0
        unknown = f", {report.skipped} NOT AUDITED: the service does not know them" if report.skipped else ""
        print(f"{name}: {report.audited} packages audited{unknown}")
    open_findings = sorted(finding for finding in findings if finding.advisory not in ACCEPTED)
    for finding in sorted(findings):
        reason = ACCEPTED.get(finding.advisory)
        fix = f"accepted: {reason}" if reason else f"fixed in {finding.fixed_in or 'no version yet'}"
        print(f"  {finding.package} {finding.version}: {finding.advisory}, {fix}")
    if open_findings:
        print(f"{len(open_findings)} known vulnerabilities. Run: make lock UPGRADE=1")
        return 1
    if not complete:
        print("Not every package was audited. Run this where the vulnerability service can be reached.")
        return 1 if required else 0
    print("No known vulnerabilities.")
    return 0


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.audit", description="Look for known vulnerabilities in the locked packages."
    )
    parser.add_argument(
        "--required", action="store_true", help="fail, too, when the vulnerability service can't be asked"
    )
    options = parser.parse_args(arguments)
    return run_command(lambda: audit(ask_pip_audit, required=options.required))


if __name__ == "__main__":
    sys.exit(main())
