"""``make policy``: checkov on the expanded template; that it saw every resource is a part of the check."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Final

from local.errors import LocalError, run_command
from local.paths import BUILD, ROOT
from local.template.expansion import read_expanded

EXPANDED: Final = BUILD / "policy" / "template.json"
TIMEOUT_SECONDS: Final = 300


def check(checkov: str) -> int:
    """Run checkov on the template.

    Args:
        checkov: The program.

    Returns:
        1 when a check failed.

    Raises:
        LocalError: it could not run, or saw fewer resources than there are.
    """
    template = read_expanded()
    EXPANDED.write_text(json.dumps(template, indent=1), encoding="utf-8")
    done = subprocess.run(
        [checkov, "--config-file", ".checkov.yaml"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        report = json.loads(done.stdout)
        summary = report["summary"]
    except (ValueError, KeyError, TypeError) as error:
        raise LocalError(f"checkov did not report: {done.stdout[-2000:]}{done.stderr[-2000:]}") from error
    for failed in report["results"]["failed_checks"]:
        sys.stdout.write(f"{failed['check_id']} {failed['resource']}: {failed['check_name']}\n")
    seen, there = summary["resource_count"], len(template["Resources"])
    told = f"{summary['passed']} passed, {summary['failed']} failed, {seen} of {there} resources seen"
    sys.stdout.write(f"checkov: {told}\n")
    if seen != there or summary["parsing_errors"]:
        raise LocalError(f"checkov saw {seen} of the template's {there} resources")
    return 1 if summary["failed"] else 0


if __name__ == "__main__":
    sys.exit(run_command(lambda: check(sys.argv[1])))
