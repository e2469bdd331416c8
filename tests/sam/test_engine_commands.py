"""What docker's command line is asked, against a docker of the test's own."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from tests.sam.host_route import HostRoute, host_route
from tools.runtime_image import docker_engine
from tools.runtime_image.docker_engine import engine_version, image_label, pull, require_engine


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the PATH, with a shell in it; the file ``docker`` there is what the test writes."""
    (tmp_path / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "docker"


def write(docker: Path, script: str) -> None:
    docker.write_text(f"#!/bin/sh\n{script}\n")
    docker.chmod(docker.stat().st_mode | stat.S_IXUSR)


def test_without_docker(docker: Path) -> None:
    assert engine_version() is None
    with pytest.raises(LocalError, match="there is no docker"):
        require_engine()


def test_an_engine_that_does_not_answer(docker: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(docker, "echo 'Cannot connect' >&2; exit 1")

    with pytest.raises(LocalError, match="no Docker Engine answers"):
        require_engine()
    assert docker_engine.main() == 1
    assert "no Docker Engine answers" in capsys.readouterr().out


def test_an_engine(docker: Path) -> None:
    write(docker, "echo 28.2.2")

    assert require_engine() == "28.2.2"
    assert docker_engine.main() == 0


def test_labels_tell_an_image_that_is_not_there_from_one_without_them(docker: Path) -> None:
    write(docker, "echo '=abc'")
    assert image_label("image", "recipe") == "abc"
    write(docker, "echo '='")
    assert image_label("image", "recipe") == ""
    write(docker, "exit 1")
    assert image_label("image", "recipe") is None


def test_a_pull_that_fails_or_takes_too_long(docker: Path) -> None:
    write(docker, "exit 1")
    assert not pull("image", 5)
    write(docker, "while :; do :; done")
    assert not pull("image", 0.2)
    write(docker, "echo sha256:1")
    assert pull("image", 5)


def test_a_command_that_fails_says_why(docker: Path) -> None:
    write(docker, "echo 'no such image' >&2; exit 1")

    with pytest.raises(LocalError, match="docker tag failed: no such image"):
        docker_engine.run("tag", "image", "name")


@pytest.mark.parametrize(
    "network", ['[{"Subnet":"172.17.0.0/16","Gateway":"172.17.0.1"}]', '[{"Subnet":"172.17.0.0/16"}]']
)
def test_containers_reach_this_machine_by_the_bridge(
    docker: Path, monkeypatch: pytest.MonkeyPatch, network: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    write(docker, f"echo '{network}'")

    assert host_route() == HostRoute("172.17.0.1", "172.17.0.1")


def test_without_that_network(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    write(docker, "exit 1")

    with pytest.raises(LocalError, match="docker network failed"):
        host_route()


def test_in_docker_desktop_by_its_name(docker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    assert host_route() == HostRoute("127.0.0.1", "host.docker.internal")
