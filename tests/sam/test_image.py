"""The image with the runtime, and what its making builds on."""

from __future__ import annotations

import json
import subprocess

import pytest
from samcli.local.docker.lambda_image import LambdaImage, Runtime

from tools.layer_build.interpreter import RUNTIME_IMAGE
from tools.runtime_image import docker_engine
from tools.runtime_image.image import IMAGE, RECIPE_LABEL, architecture, aws_image, recipe


def test_aws_s_image_is_the_one_that_sam_cli_would_use() -> None:
    # Given what SAM CLI puts together for itself (LambdaImage.build), the parts of it that are ours to name
    repository, _, tag = aws_image().rpartition(":")

    assert repository == f"{LambdaImage._INVOKE_REPO_PREFIX}/python"
    assert tag == f"3.13-{architecture()}"
    assert Runtime.get_image_name_tag("python3.13", "arm64") == "python:3.13-arm64"


@pytest.mark.parametrize("image", [IMAGE, aws_image()])
def test_layers_can_be_compiled_in_either_image(image: str) -> None:
    assert RUNTIME_IMAGE.fullmatch(image)


@pytest.mark.docker
def test_the_image_is_aws_s_or_the_stand_in_as_it_would_be_made_now() -> None:
    assert docker_engine.image_label(IMAGE, RECIPE_LABEL) in ("", recipe())


@pytest.mark.docker
def test_the_runtime_is_python_3_13() -> None:
    script = "import json, ssl, sqlite3, sys; print(json.dumps([*sys.version_info[:2], sys.platform]))"
    command = ["docker", "run", "--rm", "--network", "none", "--entrypoint", "python3.13", IMAGE, "-c", script]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert json.loads(done.stdout) == [3, 13, "linux"]
