"""CPU time and resident memory of another process, read from outside of it."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path


class ProcessClock:
    """The CPU clock of a process: user and system time of all its threads, those that have ended included.

    ``clock_getcpuclockid`` (POSIX.1-2024) gives it in nanoseconds; the times of ``/proc/<pid>/stat`` count in ticks of
    10 ms, more than a request takes.
    """

    def __init__(self, pid: int) -> None:
        """Make a clock.

        Raises:
            OSError: there is no such process, or this system has no such clocks.
        """
        clock = ctypes.c_int()
        error = ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock))
        if error:
            raise OSError(error, os.strerror(error))
        self._clock = clock.value

    def milliseconds(self) -> float:
        """CPU time since the process began, in milliseconds."""
        return time.clock_gettime_ns(self._clock) / 1e6


def resident_megabytes(pid: int) -> float:
    """Resident memory of a process: ``VmRSS`` of ``/proc/<pid>/status`` (proc(5)), in MB of 10^6 bytes."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024 / 1e6
