"""What make does with the variables that a user gives: a wrong or empty one is told in one line, by its name."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from local.listener import HOST
from local.paths import ROOT

# As in a terminal: nothing of an outer make, and none of the variables that are tried here.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}


def make(*arguments: str, folder: Path = ROOT, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run make to its end."""
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=ENVIRONMENT | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_here(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with the Python that runs this."""
    here = (
        "--old-file=.venv/.stamp",
        f"RUN={sys.executable} -m",
        f"WHOLE_NUMBER={sys.executable} -m local.make_variables",
    )
    return make(*here, *arguments)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["run", "PORT=http"], "PORT"),
        (["token", "USER=a#b"], "USER"),
        (["invoke", "FUNCTION= ", "EVENT=events/get_task.json"], "FUNCTION"),
        (["invoke", "FUNCTION=get_task", "EVENT=events"], "EVENT"),
        (["smoke", "BASE_URL=", "TOKEN=a.b.c"], "BASE_URL"),
        (["smoke", "BASE_URL=http://127.0.0.1:9", "TOKEN=ä"], "TOKEN"),
        (["smoke", "BASE_URL=http://127.0.0.1:9", "TOKEN=a.b.c", "ORIGIN=app"], "ORIGIN"),
        (["delete-user", "TABLE=", "SUB="], "TABLE"),
        (["delete-user", "TABLE=tasks", "SUB= "], "SUB"),
        (["delete-user", "TABLE=tasks", "SUB=a", "RATE="], "RATE"),
        (["bench", "RUNS="], "RUNS"),
        (["load", "SECONDS=1.5"], "SECONDS"),
        (["load", "CLIENTS=-1"], "CLIENTS"),
        (["load", "LEAK=yes"], "LEAK"),
        (["chaos", "CHAOS_SEED=x"], "CHAOS_SEED"),
        (["chaos", "CHAOS_OPERATIONS=-1"], "CHAOS_OPERATIONS"),
        (["test-conformance", "SCHEMATHESIS_SEED=x"], "SCHEMATHESIS_SEED"),
        (["build", "ARCHITECTURE="], "ARCHITECTURE"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_a_wrong_variable_is_told_by_its_name(arguments: list[str], name: str) -> None:
    done = run_here(*arguments)

    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(told) == 1, done.stderr
    assert told[0].startswith("error: ")
    assert name in told[0]
    assert "--" not in told[0]


@pytest.mark.parametrize("yes", ["", "0", "no", "maybe"])
def test_only_a_yes_deletes(yes: str) -> None:
    done = run_here("--dry-run", "delete-user", "TABLE=tasks", "SUB=alice", f"YES={yes}")

    assert "tools.operators.delete_user" in done.stdout
    assert "--yes" not in done.stdout


@pytest.mark.parametrize("value", ["a$b", "$(shell touch {file})", "`touch {file}`", "a'b\"c", "a b", "\\"])
def test_no_character_of_a_variable_means_anything(value: str, tmp_path: Path) -> None:
    # Given a program in the place of Python that tells what it is given
    told = tmp_path / "told"
    program = tmp_path / "program"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{told}"\n')
    program.chmod(0o755)
    sub = value.replace("{file}", str(tmp_path / "made"))

    # When a user's sub has characters that make or a shell know, then it arrives as it is
    done = make("--old-file=.venv/.stamp", f"RUN={program}", "delete-user", "TABLE=tasks", f"SUB={sub}")
    assert done.returncode == 0, done.stderr
    assert f"--sub={sub}" in told.read_text().splitlines()
    assert not (tmp_path / "made").exists()


class TestClean:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        shutil.copy(ROOT / "Makefile", tmp_path)
        for name in ("build/local/development-key.pem", "build/dynamodb-local-data/shared.db", "build/bench/x/y"):
            file = tmp_path / name
            file.parent.mkdir(parents=True)
            file.touch()
        (tmp_path / ".aws-sam").mkdir()
        (tmp_path / "build" / ".hidden").touch()
        return tmp_path

    def test_what_nobody_can_make_again_stays(self, checkout: Path) -> None:
        assert make("clean", folder=checkout).returncode == 0

        left = {str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()}
        assert left == {"Makefile", "build/local/development-key.pem", "build/dynamodb-local-data/shared.db"}
        assert not (checkout / ".aws-sam").exists()

    def test_it_can_be_deleted_by_its_name(self, checkout: Path) -> None:
        assert make("clean-data", folder=checkout).returncode == 0

        assert [path.name for path in (checkout / "build").iterdir() if path.is_dir()] == ["bench"]

    def test_there_may_be_nothing(self, checkout: Path) -> None:
        shutil.rmtree(checkout / "build")

        for target in ("clean", "clean-data"):
            assert make(target, folder=checkout).returncode == 0


def test_a_set_up_without_a_network_says_so(tmp_path: Path) -> None:
    # Given a clone, and an index that does not answer
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    with socket.socket() as closed:
        closed.bind((HOST, 0))
        index = f"http://{HOST}:{closed.getsockname()[1]}/simple"
        pip = {"PIP_INDEX_URL": index, "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "0", "UV_INDEX_URL": index}

        # When the environment is made, then the last words are on that
        done = make("setup", f"PYTHON={sys.executable}", folder=tmp_path, **pip)

    assert done.returncode != 0
    told = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert told[-1].startswith("error: the package index can't be reached.")
    assert not (tmp_path / ".venv" / ".stamp").exists()
