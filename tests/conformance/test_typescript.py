"""The TypeScript example against the running API.

Its packages are installed and it is compiled by ``make test-typescript``; this runs the result.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local.paths import ROOT
from tests.conformance.running_api import RunningApi

EXAMPLE = ROOT / "examples" / "typescript"
USERS = ("ann", "ben", "cleo", "dora", "eve", "fay", "gus", "hal", "ida", "jan", "kim", "lea", "mia", "ned")


pytestmark = [pytest.mark.node, pytest.mark.slow]


def test_what_the_page_shows_is_all_that_is_needed(tmp_path: Path) -> None:
    # Given a project of nothing but the snippets of docs/frontend.md, put into the files that it names
    page = (ROOT / "docs" / "frontend.md").read_text(encoding="utf-8")
    (tmp_path / "src").mkdir()
    (tmp_path / "test").mkdir()
    for file, code in re.findall(
        r"^`(\S+)`:\n\n<!-- snippet: \S+ -->\n```ts\n(.*?)```$", page, re.DOTALL | re.MULTILINE
    ):
        with (tmp_path / file).open("a", encoding="utf-8") as source:
            source.write(code)
    for name in ("package.json", "tsconfig.json", "src/openapi.d.ts"):
        shutil.copyfile(EXAMPLE / name, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(EXAMPLE / "node_modules")
    assert len(list((tmp_path / "src").glob("*.ts"))) == len(list((EXAMPLE / "src").glob("*.ts")))

    # When it is compiled in strict mode, then it has no error
    run = subprocess.run(
        [str(EXAMPLE / "node_modules" / ".bin" / "tsc"), "--noEmit"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_the_typescript_example(api: RunningApi) -> None:
    # Given the compiled example, and users with tokens, one of which has expired
    node = shutil.which("node")
    assert node is not None, "Node.js is not installed"
    assert (EXAMPLE / "build" / "test").is_dir(), "the example is not compiled"
    tokens = {user: api.token(user) for user in USERS} | {"expired": api.token("ann", -60)}

    # When its tests run against the API
    run = subprocess.run(
        [node, "--test", "build/test/"],
        cwd=EXAMPLE,
        env={"PATH": os.environ["PATH"], "TASK_API_URL": api.url, "TASK_API_TOKENS": json.dumps(tokens)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    # Then all of them pass
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# pass 0" not in run.stdout
