"""The lock files: pinned, hashed, of one mind, and bound to no index."""

from __future__ import annotations

import re

import pytest

from local.paths import ROOT

DEVELOPMENT = "requirements/dev.txt"
BOOTSTRAP = "requirements/uv.txt"
GENERATORS = "requirements/generators.txt"
LAYER = "layers/dependencies/requirements.txt"
PINNED = re.compile(r"^(?P<name>[a-z0-9-]+)==(?P<version>[^ ;\\]+)(?P<marker>[^\\]*)\\$")


def lines(path: str) -> list[str]:
    """The lock's lines, comments left out."""
    return [line for line in (ROOT / path).read_text(encoding="utf-8").splitlines() if not line.strip().startswith("#")]


def pins(path: str) -> dict[tuple[str, str], str]:
    """Package and environment marker to version."""
    found = [pin for line in lines(path) if (pin := PINNED.match(line))]
    return {(pin["name"], pin["marker"].strip()): pin["version"] for pin in found}


@pytest.mark.parametrize("path", [DEVELOPMENT, BOOTSTRAP, GENERATORS, LAYER])
def test_a_lock_is_pins_and_hashes_and_nothing_else(path: str) -> None:
    # Given a lock; an option line, for an index say, would be neither
    text = lines(path)

    # When its lines are sorted out, then each is a pinned version or a hash, and each pin has a hash
    hashed = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")
    assert [line for line in text if not (PINNED.match(line) or hashed.match(line))] == []
    following = dict(zip(text, [*text[1:], ""], strict=True))
    assert [line for line in text if PINNED.match(line) and not hashed.match(following[line])] == []
    assert pins(path)


@pytest.mark.parametrize("path", [BOOTSTRAP, LAYER])
def test_a_lock_agrees_with_the_development_environment(path: str) -> None:
    # Given what developers and tests run with
    tested = pins(DEVELOPMENT)

    # When another lock's versions are compared, then they are the same
    assert {package: version for package, version in pins(path).items() if tested.get(package) != version} == {}


def test_the_layer_holds_what_the_functions_import() -> None:
    # Given the packages that the layer is asked for
    wanted = {line for line in lines("requirements/runtime.in") if line}

    # When the layer's lock is read, then all are in it, and no tool of development is
    locked = {name for name, _ in pins(LAYER)}
    assert wanted <= locked
    assert locked.isdisjoint({"moto", "pytest", "aws-sam-cli", "mypy", "uv", "setuptools"})
