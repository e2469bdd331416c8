"""Garbage collection while a function initialises on Lambda.

Imports and models are hundreds of thousands of objects that all stay: each collection meanwhile looks through them and
finds nothing. So there is none until the function is set up, and what is there then is never looked through again
(``gc.freeze``). Elsewhere, in tests and local runs, initialisation is not what a process is there for, and nothing is
changed.
"""

from __future__ import annotations

import gc
import os
from typing import Final

ON_LAMBDA: Final = "AWS_LAMBDA_RUNTIME_API" in os.environ
"""Whether the runtime is Lambda's, in AWS or in its emulator, which set this variable for it."""


def begin() -> None:
    """Stop collecting; the first thing that the package does."""
    if ON_LAMBDA:
        gc.disable()


def end() -> None:
    """Go on collecting, all that is there by now aside; the last thing before the first request."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
