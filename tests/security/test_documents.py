"""The pages on security and operations name what exists: tests, alarms, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.infrastructure.template import source

ROOT = Path(__file__).resolve().parents[2]
SECURITY = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/.]+\.py)(?:::(\w+))?`", SECURITY)))


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_every_test_that_the_threat_model_rests_on_exists(file: str, test: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")

    assert not test or re.search(rf"^ *def {test}\(", text, re.MULTILINE)


def test_the_threat_model_is_complete() -> None:
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")]
    risks = [row for row in rows if re.match(r"\| API\d+ ", row)]
    sections = [row for row in rows if re.match(r"\| 3\.\d+ ", row)]
    assert [int(re.findall(r"\d+", row)[0]) for row in risks] == list(range(1, 11))
    assert [row.split()[1] for row in sections] == [f"3.{number}" for number in range(1, 13)]
    # A row without a test says so by a dash, and these are all that have none.
    assert [row.split()[1] for row in (*risks, *sections) if "tests/" not in row] == ["API6", "3.11"]


def notifying_alarms() -> list[str]:
    """Alarms of the template that tell somebody."""
    return [
        name
        for name, resource in source()["Resources"].items()
        if resource["Type"] in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
        and resource["Properties"].get("AlarmActions")
    ]


def test_every_alarm_that_tells_somebody_has_a_runbook() -> None:
    alarms = notifying_alarms()
    assert alarms
    headings = re.findall(r"^### (.+)$", OPERATIONS, re.MULTILINE)
    named = {word for heading in headings for word in re.findall(r"\w+", heading)}
    assert sorted(set(alarms) - named) == []


def test_every_runbook_is_of_an_alarm_that_exists() -> None:
    section = OPERATIONS.partition("\n## Runbooks\n")[2].partition("\n## ")[0]
    named = {word for heading in re.findall(r"^### (.+)$", section, re.MULTILINE) for word in heading.split(" and ")}
    alarms = {name for name, resource in source()["Resources"].items() if "Alarm" in resource["Type"]}
    assert {name.strip() for name in named if not name.startswith("…")} - alarms == set()
