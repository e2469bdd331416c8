"""What of the installed packages goes into the layer."""

from __future__ import annotations

import shutil
from pathlib import Path

from local.errors import LocalError


def leave_out(packages: Path, patterns_file: Path) -> None:
    """Delete what a file of glob patterns names, one a line; empty lines and those that begin with # say nothing.

    Raises:
        LocalError: a pattern matches nothing. It is out of date, and what it left out may be there under another name.
    """
    lines = (line.strip() for line in patterns_file.read_text(encoding="utf-8").splitlines())
    for pattern in (line for line in lines if line and not line.startswith("#")):
        matches = sorted(packages.glob(pattern))
        if not matches:
            raise LocalError(f"{patterns_file.name}: nothing in the layer matches {pattern}")
        for path in matches:
            if path.is_dir():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()


def replace_metadata(packages: Path) -> None:
    """Put one ``requirements.txt`` in the place of each package's folder of metadata.

    Nothing reads the metadata at run time, and pydantic looks through all of it for plug-ins. The list keeps the layer
    open to scanners, which read such files ("Amazon Inspector SBOM Generator", Amazon Inspector User Guide).
    """
    folders = sorted(packages.glob("*.dist-info"))
    if not folders:
        raise LocalError("the installed packages have no metadata")
    listed = []
    for folder in folders:
        name, _, version = folder.name.removesuffix(".dist-info").rpartition("-")
        listed.append(f"{name.replace('_', '-').lower()}=={version}\n")
        shutil.rmtree(folder)
    (packages / "requirements.txt").write_text("".join(listed), encoding="utf-8")
