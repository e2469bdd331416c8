"""Which Python compiles the layers: only a 3.13 that really runs."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from tools.layer_build.interpreter import Interpreter, find_interpreter

GOOD = "cpython-313 final 3.13.7"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH of one folder, empty but for a shell and what it needs; the tests' own Python is taken for another one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "env", "cat"):
        real = next(each for each in (Path("/bin", tool), Path("/usr/bin", tool)) if each.exists())
        (folder / tool).symlink_to(real)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(program(folder, "this-python", "echo cpython-311 final 3.11.9")))
    return folder


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / name
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(made.stat().st_mode | stat.S_IXUSR)
    return made


def test_the_one_that_uv_finds(path: Path, tmp_path: Path) -> None:
    python = program(tmp_path / "uv", "python", f"echo {GOOD}")
    program(path, "uv", f'[ "$1 $2" = "python find" ] && echo {python}')

    assert find_interpreter() == Interpreter("3.13.7", str(python))


def test_one_of_pyenv_that_is_not_selected(path: Path, tmp_path: Path) -> None:
    # Given pyenv's shims, which run what the environment names, and uv, which takes only what runs
    python = program(tmp_path / "pyenv/versions/3.13.7/bin", "python3.13", f"echo {GOOD}")
    program(path, "uv", f'[ "$PYENV_VERSION" = 3.13 ] && echo {python}')

    assert find_interpreter() == Interpreter("3.13.7", str(python))


@pytest.mark.parametrize(
    "script",
    [
        "echo 'python3.13: command not found' >&2; exit 127",  # a version manager's shim
        "echo cpython-312 final 3.12.1",
        "echo cpython-313 candidate 3.13.0rc1",  # its bytecode may have another format
        "echo pypy313 final 3.13.0",
        "exit 0",
    ],
)
def test_what_is_called_so_but_is_not(path: Path, tmp_path: Path, script: str) -> None:
    python = program(tmp_path / "uv", "python", script)
    program(path, "uv", f"echo {python}")

    assert find_interpreter() is None


def test_where_there_is_no_uv_there_is_none(path: Path) -> None:
    program(path, "python3.13", f"echo {GOOD}")

    assert find_interpreter() is None


def docker(folder: Path, images: str, answer: str) -> None:
    """A Docker that has some images; what runs in them prints an answer, the command goes to a file."""
    listed = folder / "images"
    listed.write_text(images)
    run = f'echo "$@" >> "{folder}/runs"; {answer}'
    program(folder, "docker", f'case "$1" in image) cat "{listed}";; run) {run};; esac')


@pytest.mark.parametrize(
    "image", ["registry.example/lambda/python:3.13-x86_64", "sam/build-python3.13:latest", "task-api-python3.13:latest"]
)
def test_one_in_an_image_that_is_there(path: Path, image: str) -> None:
    docker(path, f"debian:trixie\nlambda/python:3.12\n{image}\n", f"echo {GOOD}")

    found = find_interpreter()

    assert found == Interpreter("3.13.7", "python3.13", image)
    assert str(found) == f"Python 3.13.7 in the image {image}"
    # It is run in that image, which is not pulled, and without a network.
    runs = (path / "runs").read_text().splitlines()
    assert len(runs) == 1
    assert "--pull never" in runs[0]
    assert "--network none" in runs[0]
    assert f" {image} " in runs[0]


def test_an_engine_that_does_not_answer_is_none(path: Path) -> None:
    program(path, "docker", "exit 1")
    assert find_interpreter() is None


def test_a_command_on_this_machine(tmp_path: Path) -> None:
    command = Interpreter("3.13.7", "/usr/bin/python3.13").command(["-c", "1"], tmp_path, ["A=b"])

    assert command == ["env", "A=b", "/usr/bin/python3.13", "-c", "1"]


def test_a_command_in_an_image_sees_the_folder_at_its_own_path(tmp_path: Path) -> None:
    command = Interpreter("3.13.7", "python3.13", "some:image").command(["-c", "1"], tmp_path, ["A=b"])

    assert command[:3] == ["docker", "run", "--rm"]
    assert f"{tmp_path}:{tmp_path}" in command
    assert command[command.index("A=b") - 1] == "--env"
    assert command[command.index("--entrypoint") + 1] == "python3.13"
    assert command[-3:] == ["some:image", "-c", "1"]
