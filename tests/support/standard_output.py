"""What functions write to standard output, where Lambda picks it up: log lines and metric records."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass
class StandardOutput:
    """What the code under test wrote; every line of it has to be JSON."""

    captured: pytest.CaptureFixture[str]
    _read: str = ""

    @property
    def text(self) -> str:
        """All of it so far."""
        self._read += self.captured.readouterr().out
        return self._read

    @property
    def logs(self) -> list[dict[str, Any]]:
        """The log lines; Powertools leaves fields out whose value is None."""
        return [line for line in self._lines() if "_aws" not in line]

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The records in CloudWatch Embedded Metric Format."""
        return [line for line in self._lines() if "_aws" in line]

    def _lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


class CurrentStdout(io.TextIOBase):
    """Whatever ``sys.stdout`` is at the moment: pytest exchanges it between the phases of a test."""

    def write(self, text: str, /) -> int:
        """Write to it."""
        return sys.stdout.write(text)
