"""What a function on Lambda leaves undone while it initialises: garbage collection, and modules that it never uses.

Imports and models are hundreds of thousands of objects that all stay, and each collection would look through them.
Elsewhere nothing is changed.
"""

from __future__ import annotations

import gc
import importlib
import importlib.util
import os
import sys
from typing import Final

ON_LAMBDA: Final = "AWS_LAMBDA_RUNTIME_API" in os.environ
"""Whether the runtime is Lambda's, in AWS or in its emulator."""


_ANSWERS: Final = {"PYDANTIC_DISABLE_PLUGINS": "__all__", "PYTHONTZPATH": "/usr/share/zoneinfo"}
"""What pydantic and zoneinfo would look for when they are imported ("Plugins", pydantic documentation; "zoneinfo", The
Python Standard Library)."""


def begin() -> None:
    """Stop collecting; the first thing that the package does."""
    if ON_LAMBDA:
        gc.disable()
        for name, value in _ANSWERS.items():
            os.environ.setdefault(name, value)


def end() -> None:
    """Go on collecting, all that is there by now aside; the last thing before the first request."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


def defer(package: str, name: str) -> None:
    """Have a package's module, if there is one, executed when something of it is first used.

    "importlib.util.LazyLoader", The Python Standard Library.
    """
    full_name = f"{package}.{name}"
    if not ON_LAMBDA or full_name in sys.modules:
        return
    spec = importlib.util.find_spec(full_name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    # Where `from package import name` looks first; looking into sys.modules would be a use of the module.
    setattr(importlib.import_module(package), name, module)
    spec.loader.exec_module(module)
