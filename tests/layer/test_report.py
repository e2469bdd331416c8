"""The report at the end of ``make build``, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.errors import LocalError
from tools.layer_build import report as reports
from tools.layer_build.report import LAYERS, digest, largest_deployed, measure, report


def artifact(folder: Path, name: str, size: int = 10, *, compiled: bool = True) -> Path:
    package = folder / name / "python"
    package.mkdir(parents=True)
    (package / "module.py").write_bytes(b"#" * size)
    if compiled:
        (package / "module.cpython-313.pyc").write_bytes(b"x" * 5)
    return folder / name


def test_an_artifact_is_measured(tmp_path: Path) -> None:
    measured = measure(artifact(tmp_path, "SomeLayer", 10_000))

    assert (measured.name, measured.unpacked, measured.modules, measured.compiled) == ("SomeLayer", 10_005, 1, 1)
    assert 0 < measured.packed < 1_000


def test_a_digest_is_of_paths_and_contents(tmp_path: Path) -> None:
    one, same = (artifact(tmp_path / name, "L") for name in ("one", "same"))
    (same / "python/module.py").touch()
    assert digest(one) == digest(same)

    (same / "python/module.py").rename(same / "python/other.py")
    renamed = digest(same)
    (same / "python/other.py").write_bytes(b"?" * 10)
    assert len({digest(one), renamed, digest(same)}) == 3


def test_the_largest_is_one_function_with_both_layers(tmp_path: Path) -> None:
    folders = [*(artifact(tmp_path, name, 95) for name in LAYERS)]
    folders += [artifact(tmp_path, name, size, compiled=False) for name, size in (("A", 30), ("B", 40))]

    assert largest_deployed([measure(folder) for folder in folders]) == 2 * 100 + 40


def test_a_good_build(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in LAYERS:
        artifact(tmp_path, name)

    report(tmp_path)
    assert "WARNING" not in capsys.readouterr().out


def test_layers_that_are_not_compiled_are_told_loudly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    artifact(tmp_path, LAYERS[0], compiled=False)
    artifact(tmp_path, LAYERS[1])

    report(tmp_path)
    assert "NOT COMPILED" in capsys.readouterr().out


def test_a_build_that_is_too_large_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in LAYERS:
        artifact(tmp_path, name, 300)
    monkeypatch.setattr(reports, "MOST_BYTES", 600)

    with pytest.raises(LocalError, match="larger than allowed"):
        report(tmp_path)


def test_without_a_build(tmp_path: Path) -> None:
    artifact(tmp_path, LAYERS[0])

    with pytest.raises(LocalError, match=f"{LAYERS[1]} not built"):
        report(tmp_path)
