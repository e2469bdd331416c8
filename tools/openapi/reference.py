"""``python -m tools.openapi.reference``: the API reference as static files, in build/reference.

Redoc's browser bundle over docs/openapi.yaml; it needs no build step and no other host. The bundle is copied out of the
npm package, which ``npm ci`` in this folder installs.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Final

import yaml

from local.errors import LocalError, run_command
from local.paths import ROOT
from local.web.reference_pages import FOLDER

BUNDLES: Final = Path(__file__).parent / "node_modules" / "redoc" / "bundles"
BUNDLE: Final = "redoc.standalone.js"
SCRIPT: Final = "redoc.js"
LOGO: Final = "https://cdn.redoc.ly/redoc/logo-mini.svg"
"""The one thing that the bundle would fetch from elsewhere; the text beside it stays."""

DOCUMENT: Final = "openapi.json"

_PAGE: Final = """\
<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Task API reference</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="page.css">
  </head>
  <body>
    <redoc spec-url="{document}" json-sample-expand-level="all" hide-download-button="false"></redoc>
    <noscript>The reference needs JavaScript. <a href="{document}">Its OpenAPI document</a> does not.</noscript>
    <script src="{script}"></script>
  </body>
</html>
"""
_STYLES: Final = "body { margin: 0; }\n"


def build(folder: Path = FOLDER) -> None:
    """Write the reference.

    Raises:
        LocalError: the npm package is not installed.
    """
    if not (BUNDLES / BUNDLE).is_file():
        raise LocalError(f"run npm ci in {BUNDLES.parents[2].relative_to(ROOT)} first")
    folder.mkdir(parents=True, exist_ok=True)
    document = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    (folder / DOCUMENT).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    (folder / "index.html").write_text(_PAGE.format(document=DOCUMENT, script=SCRIPT), encoding="utf-8")
    (folder / "page.css").write_text(_STYLES, encoding="utf-8")
    (folder / SCRIPT).write_text(_without_logo((BUNDLES / BUNDLE).read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copyfile(BUNDLES / f"{BUNDLE}.LICENSE.txt", folder / f"{SCRIPT}.LICENSE.txt")


def _without_logo(script: str) -> str:
    if LOGO not in script:
        raise LocalError(f"{BUNDLE} does not fetch {LOGO} any more: say so in reference.py")
    return script.replace(LOGO, "data:,")


if __name__ == "__main__":
    raise SystemExit(run_command(build))
