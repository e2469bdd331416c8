"""What of the packages goes into the layer, and what stands in the place of their metadata."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from tools.layer_build.contents import leave_out, replace_metadata
from tools.layer_build.uv import install, install_command


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    folder = tmp_path / "python"
    for name in ("a/__init__.py", "a/a.pyi", "a/b/b.pyi", "a/b/b.py", "gone/x.py", "keep/gone.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def patterns(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "left_out.txt"
    file.write_text(text)
    return file


def test_patterns_name_files_and_folders(packages: Path, tmp_path: Path) -> None:
    leave_out(packages, patterns(tmp_path, "# why\n\n**/*.pyi\ngone\n"))

    left = {path.relative_to(packages).as_posix() for path in packages.rglob("*") if path.is_file()}
    assert left == {"a/__init__.py", "a/b/b.py", "keep/gone.py"}


def test_a_pattern_that_matches_nothing_stops_the_build(packages: Path, tmp_path: Path) -> None:
    with pytest.raises(LocalError, match=r"left_out\.txt: nothing in the layer matches renamed"):
        leave_out(packages, patterns(tmp_path, "gone\nrenamed\n"))


def test_metadata_becomes_a_list(packages: Path) -> None:
    for name in ("a_b-1.2.dist-info", "Z-3.4.post0.dist-info"):
        (packages / name).mkdir()
        (packages / name / "METADATA").write_text("Name: x")

    replace_metadata(packages)

    assert not list(packages.glob("*.dist-info"))
    assert set((packages / "requirements.txt").read_text().splitlines()) == {"a-b==1.2", "z==3.4.post0"}


def test_packages_without_metadata_stop_the_build(packages: Path) -> None:
    with pytest.raises(LocalError, match="no metadata"):
        replace_metadata(packages)


@pytest.mark.parametrize(
    ("architecture", "platform"), [("arm64", "aarch64-manylinux_2_28"), ("x86_64", "x86_64-manylinux_2_28")]
)
def test_wheels_are_those_of_the_processor_and_of_lambdas_python(
    tmp_path: Path, architecture: str, platform: str
) -> None:
    command = " ".join(install_command(tmp_path / "lock.txt", tmp_path, architecture))

    for part in (
        f"--python-platform {platform} ",
        "--python-version 3.13 ",
        "--only-binary :all: ",
        "--require-hashes ",
    ):
        assert part in command
    assert command.endswith(f"--requirements {tmp_path / 'lock.txt'}")


def test_wheels_that_cannot_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given no uv, then the message says what to do
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(LocalError, match="uv is not on PATH"):
        install(tmp_path / "lock.txt", tmp_path / "python", "arm64")

    # Given one that fails, then it says why
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'hash mismatch' >&2\nexit 1\n")
    uv.chmod(0o755)
    with pytest.raises(LocalError, match="hash mismatch"):
        install(tmp_path / "lock.txt", tmp_path / "python", "arm64")
