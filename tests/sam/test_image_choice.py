"""Which image ``make sam-image`` makes, against a docker of the test's own."""

from __future__ import annotations

import itertools
import stat
import tarfile
from pathlib import Path

import pytest

from local.errors import LocalError
from tools.runtime_image import image as sam_image
from tools.runtime_image import suites as runtime_suites
from tools.runtime_image.image import IMAGE, aws_image, make_image, recipe
from tools.runtime_image.suites import run_suites, suites_command


class Docker:
    """A docker command that has some images and writes down what it is asked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / "sh").symlink_to("/bin/sh")

    def has(self, *, label: str | None = None, official: bool = False, pulls: bool = False) -> None:
        """Say what there is: our image with a label (None: no such image), AWS's, and whether AWS's can be pulled."""
        ours = "exit 1" if label is None else f"echo '={label}'"
        script = f"""#!/bin/sh
echo "$*" >> "{self._folder}/asked"
case "$*" in
  version*) echo 28.0;;
  "image inspect"*"{IMAGE}") {ours};;
  "image inspect"*) {"echo =" if official else "exit 1"};;
  pull*) {"echo sha256:1" if pulls else "exit 1"};;
esac
"""
        file = self._folder / "docker"
        file.write_text(script)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def asked(self) -> list[str]:
        """The commands so far."""
        return (self._folder / "asked").read_text().splitlines()


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    monkeypatch.setenv("PATH", str(tmp_path))
    return Docker(tmp_path)


@pytest.fixture
def _no_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sam_image, "installed_packages", lambda: tmp_path)


def tags(docker: Docker) -> list[str]:
    return [command for command in docker.asked() if command.startswith("tag ")]


def test_aws_s_is_pulled_where_it_can_be(docker: Docker) -> None:
    docker.has(pulls=True)

    assert make_image() == f"{IMAGE} is AWS's image"
    assert f"pull --quiet {aws_image()}" in docker.asked()
    assert tags(docker) == [f"tag {aws_image()} {IMAGE}"]


def test_aws_s_is_not_pulled_again(docker: Docker) -> None:
    docker.has(official=True)

    assert make_image() == f"{IMAGE} is AWS's image"
    assert not [command for command in docker.asked() if command.startswith("pull")]
    assert tags(docker) == [f"tag {aws_image()} {IMAGE}"]


@pytest.mark.parametrize("label", ["", recipe()])
def test_what_is_there_and_current_is_kept(docker: Docker, label: str) -> None:
    docker.has(label=label)

    make_image()

    assert {command.split()[0] for command in docker.asked()} == {"version", "image"}


@pytest.mark.usefixtures("_no_packages")
@pytest.mark.parametrize("label", [None, "an-older-recipe"])
def test_otherwise_there_has_to_be_a_stand_in(docker: Docker, label: str | None) -> None:
    docker.has(label=label)

    with pytest.raises(LocalError, match="mmdebstrap, which is not here"):
        make_image()


@pytest.mark.usefixtures("_no_packages")
def test_a_debian_that_cannot_be_fetched_is_told(docker: Docker, tmp_path: Path) -> None:
    docker.has()
    mmdebstrap = tmp_path / "mmdebstrap"
    mmdebstrap.write_text("#!/bin/sh\necho 'E: no mirror' >&2\nexit 1\n")
    mmdebstrap.chmod(0o755)

    with pytest.raises(LocalError, match="mmdebstrap failed: E: no mirror"):
        make_image()


def test_the_runtime_client_goes_where_lambda_has_it(tmp_path: Path) -> None:
    # Given a Debian's archive, and the packages that the runtime client consists of
    packages = tmp_path / "packages"
    for name in ("awslambdaric/__main__.py", "awslambdaric/__pycache__/x.pyc", "simplejson/__init__.py", "moto/x.py"):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text("")
    for name in ("runtime_client.cpython-313.so", "snapshot_restore_py.py"):
        (packages / name).write_text("")
    archive = tmp_path / "image.tar"
    tarfile.open(archive, "w").close()

    # When they are added
    sam_image._add_runtime(archive, packages)

    # Then the runtime's folder holds them and the program that Lambda starts, and nothing else
    with tarfile.open(archive) as tar:
        entries = {entry.name.removeprefix("./"): entry for entry in tar.getmembers()}
    assert {name for name, entry in entries.items() if entry.isfile()} == {
        "var/runtime/bootstrap",
        "var/runtime/awslambdaric/__main__.py",
        "var/runtime/runtime_client.cpython-313.so",
        "var/runtime/simplejson/__init__.py",
        "var/runtime/snapshot_restore_py.py",
    }
    assert entries["var/runtime/bootstrap"].mode == 0o755
    assert {entry.uid for entry in entries.values()} == {0}


def test_a_runtime_client_that_is_laid_out_otherwise_is_told(tmp_path: Path) -> None:
    archive = tmp_path / "image.tar"
    tarfile.open(archive, "w").close()

    with pytest.raises(LocalError, match="awslambdaric has no awslambdaric"):
        sam_image._add_runtime(archive, tmp_path)


def test_suites_see_the_repository_read_only_and_no_network() -> None:
    command = suites_command(["tests/unit"], "/some/packages")

    assert command[command.index("--network") + 1] == "none"
    assert all(value.endswith(":ro") for flag, value in itertools.pairwise(command) if flag == "--volume")
    assert command[-1] == "tests/unit"


def test_suites_without_an_image_or_a_name(docker: Docker, capsys: pytest.CaptureFixture[str]) -> None:
    docker.has()

    with pytest.raises(LocalError, match="run make sam-image"):
        run_suites(["tests/unit"])
    assert runtime_suites.main([]) == 2
    assert "Usage" in capsys.readouterr().err
