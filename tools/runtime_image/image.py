"""``make sam-image``: an image with Lambda's Python 3.13, under a name of ours, for ``sam local`` and for the tests.

AWS's own where it can be pulled. Where not (no way to its registry), a stand-in: Debian's Python 3.13 with AWS's
runtime client for it (awslambdaric, which AWS's image has too) where Lambda keeps its runtime. SAM CLI puts the runtime
interface emulator into either.

The stand-in is no Amazon Linux: another C library, no AWS SDK in the runtime. What depends on those is for AWS's own.
"""

from __future__ import annotations

import hashlib
import io
import platform
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from samcli.lib.utils.architecture import ARM64, X86_64
from samcli.local.docker.lambda_image import LambdaImage, Runtime

from local.errors import LocalError, run_command
from tools.layer_build.uv import PYTHON_VERSION
from tools.runtime_image import docker_engine
from tools.runtime_image.packages import installed_packages, locked

IMAGE: Final = f"task-api-python{PYTHON_VERSION}:latest"
"""The name that both go by here; tools.layer_build.interpreter knows it too."""
RUNTIME: Final = f"python{PYTHON_VERSION}"
RECIPE_LABEL: Final = "task-api.recipe"
"""What a stand-in was made of; AWS's image doesn't have it."""

_SUITE: Final = "trixie"
"""Debian 13, whose Python is 3.13."""
_DEBIAN_PACKAGES: Final = ("python3", "ca-certificates", "libstdc++6", "tzdata")
_UNUSED: Final = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_CLIENT_PACKAGES: Final = ("awslambdaric", "simplejson", "snapshot-restore-py")
_RUNTIME_CLIENT: Final = ("awslambdaric", "runtime_client*.so", "simplejson", "snapshot_restore_py.py")
# Lambda's runtime starts /var/runtime/bootstrap ("Building a custom runtime", AWS Lambda Developer Guide). As in AWS's
# image, the function's own folder comes first, then the layers' ("Working with layers for Python Lambda functions").
_BOOTSTRAP: Final = """\
#!/bin/sh
cd "${LAMBDA_TASK_ROOT:=/var/task}"
export LAMBDA_TASK_ROOT PYTHONPATH="/opt/python:/var/runtime" AWS_EXECUTION_ENV=AWS_Lambda_python3.13
exec python3.13 -m awslambdaric "$_HANDLER"
"""
_ENVIRONMENT: Final = ("PATH=/usr/local/bin:/usr/bin:/bin", "LANG=en_US.UTF-8", "TZ=:UTC", "LAMBDA_TASK_ROOT=/var/task")
_PULL_SECONDS: Final = 600.0
_BUILD_SECONDS: Final = 900.0


def architecture() -> str:
    """This machine's processor, as SAM and the template call it."""
    machine = platform.machine().lower()
    return str(ARM64 if machine in ("arm64", "aarch64") else X86_64)


def aws_image() -> str:
    """The full name of AWS's image for this machine's processor, which SAM CLI would use."""
    repository: str = LambdaImage._INVOKE_REPO_PREFIX  # tests/sam holds SAM CLI to it
    return f"{repository}/{Runtime.get_image_name_tag(RUNTIME, architecture())}"


def recipe() -> str:
    """A digest of all that a stand-in is made of."""
    contents = (*_DEBIAN_PACKAGES, *_UNUSED, *_RUNTIME_CLIENT, _BOOTSTRAP, *_ENVIRONMENT)
    parts = (_SUITE, *contents, *locked(_CLIENT_PACKAGES))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def make_image() -> str:
    """Make sure of :data:`IMAGE`.

    Returns:
        A line on what it is.

    Raises:
        LocalError: there is no Docker Engine, or neither image can be had.
    """
    docker_engine.require_engine()
    label = docker_engine.image_label(IMAGE, RECIPE_LABEL)
    if label == "":
        return f"{IMAGE} is AWS's image"
    if label == recipe():
        return f"{IMAGE} is the stand-in on Debian {_SUITE}, made before"
    official = aws_image()
    print("Asking for AWS's image ...", flush=True)
    if docker_engine.image_label(official, "") is not None or docker_engine.pull(official, _PULL_SECONDS):
        docker_engine.run("tag", official, IMAGE)
        return f"{IMAGE} is AWS's image"
    print(f"It can't be had here. Making a stand-in of Debian {_SUITE} (half a minute) ...", flush=True)
    _make_stand_in()
    return f"{IMAGE} is a stand-in on Debian {_SUITE}"


def _make_stand_in() -> None:
    packages = installed_packages()
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "image.tar"
        _bootstrap_debian(archive)
        _add_runtime(archive, packages)
        changes = [f"ENV {each}" for each in _ENVIRONMENT]
        changes += ["WORKDIR /var/task", f"LABEL {RECIPE_LABEL}={recipe()}"]
        docker_engine.run("import", *(part for each in changes for part in ("--change", each)), str(archive), IMAGE)


def _bootstrap_debian(archive: Path) -> None:
    """Write the files of a small Debian into a tar archive.

    Raises:
        LocalError: mmdebstrap is not there, or can't fetch the packages.
    """
    if shutil.which("mmdebstrap") is None:
        raise LocalError("the stand-in is made by mmdebstrap, which is not here (apt-get install mmdebstrap)")
    command = ["mmdebstrap", "--quiet", "--variant=essential", f"--include={','.join(_DEBIAN_PACKAGES)}"]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in _UNUSED]
    command += [_SUITE, str(archive), *_debian_mirror()]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_BUILD_SECONDS)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise LocalError(f"mmdebstrap did not finish within {_BUILD_SECONDS:.0f} s") from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise LocalError(f"mmdebstrap failed: {last}")


def _debian_mirror() -> list[str]:
    """The mirror that this machine's own Debian is configured with; none leaves the choice to mmdebstrap."""
    fields = ["--format", "$(SITE)", "Origin: Debian", "Label: Debian", "Created-By: Packages"]
    try:
        done = subprocess.run(["apt-get", "indextargets", *fields], capture_output=True, text=True, check=True)  # noqa: S603, S607
    except (OSError, subprocess.CalledProcessError):
        return []
    return done.stdout.split()[:1]


def _add_runtime(archive: Path, packages: Path) -> None:
    """Add the runtime client, the program that starts it, and the function's folder; Debian has ``/opt`` itself."""
    with tarfile.open(archive, "a") as tar:
        for name in ("var/task", "var/runtime"):
            folder = tarfile.TarInfo(f"./{name}")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        bootstrap = tarfile.TarInfo("./var/runtime/bootstrap")
        bootstrap.mode, bootstrap.size = 0o755, len(_BOOTSTRAP)
        tar.addfile(bootstrap, io.BytesIO(_BOOTSTRAP.encode()))
        for pattern in _RUNTIME_CLIENT:
            found = sorted(packages.glob(pattern))
            if not found:
                raise LocalError(f"awslambdaric has no {pattern}")
            for path in found:
                tar.add(path, f"./var/runtime/{path.name}", filter=_owned_by_root)


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if "__pycache__" in entry.name:
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mode |= 0o755 if entry.isdir() else 0o644
    return entry


if __name__ == "__main__":
    raise SystemExit(run_command(lambda: print(make_image())))
