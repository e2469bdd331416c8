"""``make chaos``: :mod:`tests.faults.chaos`, in a process whose environment is set before anything reads it."""

import os
import sys

from tests.conftest import ENVIRONMENT

if __name__ == "__main__":
    # The functions read their settings when they are imported, as on Lambda. Log lines would hide the rest.
    os.environ.update(ENVIRONMENT, POWERTOOLS_LOG_LEVEL="CRITICAL", POWERTOOLS_METRICS_DISABLED="true")
    from tests.faults.chaos import main

    sys.exit(main(sys.argv[1:]))
