"""Ending a process that was started here."""

from __future__ import annotations

import signal
import subprocess


def stop(process: subprocess.Popen[bytes], seconds: float, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask a process to end, where it has not, and kill it after some seconds; it is gone afterwards."""
    process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
