"""The API running on a port of this machine, as the end-to-end tests have it, for attacks over HTTP."""

from __future__ import annotations

import logging
from typing import Any, cast

from taskapi.observability import logger
from tests.e2e.conftest import alice, api, bob, nobody, store_calls
from tests.support.standard_output import CurrentStdout

__all__ = ["alice", "api", "bob", "nobody", "store_calls"]

# All copies of the package share the one logger of their service name; its handler is to write to whatever a test puts
# in the place of sys.stdout.
cast("logging.StreamHandler[Any]", logger.registered_handler).stream = CurrentStdout()
