"""The guard of the embedded server: stops it once no process uses it any more, however they ended.

Run as a program of its own (`python postgres_guard.py FOLDER PID`) with the standard library only, so that it is small
and outlives whoever started it. `postgres.py` describes the locks.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time


def main(folder: str, pid: int) -> None:
    """Wait until the users' lock is free, then ask the server `pid` for a fast shutdown."""
    for ignored in (signal.SIGINT, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    users = os.open(os.path.join(folder, "postgres.users"), os.O_RDWR | os.O_CREAT, 0o600)
    gate = os.open(os.path.join(folder, "postgres.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    while _is_ours(folder, pid):
        fcntl.flock(users, fcntl.LOCK_EX)  # waits for the last user
        fcntl.flock(users, fcntl.LOCK_UN)
        fcntl.flock(gate, fcntl.LOCK_EX)  # nobody starts or stops it meanwhile
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fcntl.flock(gate, fcntl.LOCK_UN)
            continue
        if _is_ours(folder, pid):
            os.kill(pid, signal.SIGINT)
            while _is_ours(folder, pid):
                time.sleep(0.1)
        return


def _is_ours(folder: str, pid: int) -> bool:
    """Does the cluster still belong to the server we watch?"""
    try:
        with open(os.path.join(folder, "postgres", "postmaster.pid"), encoding="ascii", errors="replace") as file:
            if int(file.readline()) != pid:
                return False
        os.kill(pid, 0)
        if os.path.isdir("/proc/self/cwd"):  # the number may have gone to another process
            return os.path.samefile(f"/proc/{pid}/cwd", os.path.join(folder, "postgres"))
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
