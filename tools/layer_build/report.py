"""``python -m tools.layer_build.report``: what ``sam build`` made, in bytes as deployed, and whether it may be."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from samcli.lib.package.utils import make_zip_with_lambda_permissions

from local.errors import LocalError, run_command
from local.paths import ROOT

BUILT: Final = ROOT / ".aws-sam" / "build"
"""Where SAM CLI puts what it built."""
LAYERS: Final = ("DependenciesLayer", "TaskApiLayer")
"""Their logical ids in template.yaml."""
MOST_BYTES: Final = 40_000_000
"""Of a function and its layers, unpacked. Lambda's limit is 250 MB ("Lambda quotas", AWS Lambda Developer Guide)."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A built function or layer.

    Attributes:
        name: Its logical id.
        unpacked: Bytes of all files.
        packed: Bytes of the zip that SAM CLI would upload.
        modules: Python modules.
        compiled: Those with bytecode beside them.
        digest: SHA-256 of all paths and contents, in hex; equal digests deploy the same.
    """

    name: str
    unpacked: int
    packed: int
    modules: int
    compiled: int
    digest: str


def measure(folder: Path) -> Artifact:
    """Measure one artefact in its folder."""
    files = files_of(folder)
    return Artifact(
        name=folder.name,
        unpacked=sum(path.stat().st_size for path in files),
        packed=_zipped(folder),
        modules=sum(path.suffix == ".py" for path in files),
        compiled=sum(path.suffix == ".pyc" for path in files),
        digest=digest(folder),
    )


def files_of(folder: Path) -> list[Path]:
    """All files in it, in the order of their paths."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def digest(folder: Path) -> str:
    """SHA-256 of the relative paths and contents of all files; dates and owners don't count."""
    whole = hashlib.sha256()
    for path in files_of(folder):
        for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes()):
            whole.update(len(part).to_bytes(8, "big"))
            whole.update(part)
    return whole.hexdigest()


def largest_deployed(artifacts: list[Artifact]) -> int:
    """Bytes that the largest function has unpacked in its runtime, its layers included."""
    functions = [artifact.unpacked for artifact in artifacts if artifact.name not in LAYERS]
    return max(functions, default=0) + sum(artifact.unpacked for artifact in artifacts if artifact.name in LAYERS)


def report(built: Path = BUILT) -> None:
    """Print the artefacts' sizes.

    Raises:
        LocalError: nothing is built, or it is larger than may be.
    """
    artifacts = [measure(folder) for folder in sorted(built.glob("*")) if folder.is_dir()]
    missing = {*LAYERS} - {artifact.name for artifact in artifacts}
    if missing:
        raise LocalError(f"{', '.join(sorted(missing))} not built: run make build")
    print(f"\n{'artefact':<24}{'unpacked':>12}{'zip':>12}{'modules':>9}{'compiled':>9}  sha256")
    for each in artifacts:
        sizes = f"{each.unpacked:>12,}{each.packed:>12,}{each.modules:>9}{each.compiled:>9}"
        print(f"{each.name:<24}{sizes}  {each.digest[:16]}")
    largest = largest_deployed(artifacts)
    print(
        f"A function and its layers have at most {largest / 1e6:.1f} MB unpacked ({MOST_BYTES / 1e6:.0f} MB allowed)."
    )
    if largest > MOST_BYTES:
        raise LocalError("the build is larger than allowed: see layers/dependencies/left_out.txt")
    if any(not each.compiled for each in artifacts if each.name in LAYERS):
        print("*** WARNING: the layers are NOT COMPILED, see above: not for deployment.")


def _zipped(folder: Path) -> int:
    with tempfile.TemporaryDirectory() as scratch:
        return Path(make_zip_with_lambda_permissions(f"{scratch}/artifact", str(folder))).stat().st_size


if __name__ == "__main__":
    raise SystemExit(run_command(report))
