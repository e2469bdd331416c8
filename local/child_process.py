"""Ending a process that was started here."""

from __future__ import annotations

import signal
import subprocess


def stop(process: subprocess.Popen[bytes], seconds: float, by: signal.Signals = signal.SIGTERM) -> None:
    """Ask a process to end, and end it where it does not; it is gone afterwards.

    Args:
        process: May have ended already.
        seconds: That it has to end by itself.
        by: How it is asked.
    """
    process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
