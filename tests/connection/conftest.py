"""Certificates of authorities of their own, and an environment that names no proxy."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.certificates import Certificates, make_certificates


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Certificates]:
    """Makes an authority and a certificate, once for each kind."""
    made: dict[tuple[str, int], Certificates] = {}

    def make(host: str = "127.0.0.1", days: int = 1) -> Certificates:
        if (host, days) not in made:
            folder: Path = tmp_path_factory.mktemp("certificates")
            made[host, days] = make_certificates(folder, host, days=days)
        return made[host, days]

    return make


@pytest.fixture(scope="session")
def good(issue: Callable[..., Certificates]) -> Certificates:
    """For 127.0.0.1."""
    return issue()
