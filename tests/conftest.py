"""Settings of all suites.

The environment is set before anything imports a function: functions read theirs at import, as on Lambda. None of it is
real, so that no test can reach an AWS account by accident.
"""

from __future__ import annotations

import json
import os

import hypothesis

from tests.support.access_tokens import AUDIENCE, ISSUER
from tests.support.signing_keys import signing_key

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "ENVIRONMENT": "dev",
    "TABLE_NAME": "tasks-under-test",
    "ALLOWED_ORIGINS": "https://app.example.com,http://localhost:5173",
    "DYNAMODB_ENDPOINT": "",
    "POWERTOOLS_SERVICE_NAME": "task-api",
    "POWERTOOLS_METRICS_NAMESPACE": "TaskApi",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "JWT_ISSUER": ISSUER,
    "JWT_AUDIENCE": AUDIENCE,
    "JWT_AUDIENCE_CLAIM": "aud",
    "JWT_ALGORITHMS": "EdDSA",
    "JWT_JWKS": json.dumps({"keys": [signing_key("Ed25519").jwk(kid="first", use="sig", alg="EdDSA")]}),
    "JWT_JWKS_URL": "",
    "JWT_SECRET_ARN": "",
    "JWT_LEEWAY_SECONDS": "5",
}
for _name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "POWERTOOLS_METRICS_DISABLED"):
    os.environ.pop(_name, None)
os.environ.update(ENVIRONMENT)

# No database: examples that failed are printed with the seed that brings them back. No deadline: the machine is shared.
hypothesis.settings.register_profile("suite", database=None, deadline=None, max_examples=60, print_blob=True)
hypothesis.settings.register_profile("thorough", parent=hypothesis.settings.get_profile("suite"), max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
