"""Running the portal: the web server, and the supervisor that keeps web and worker alive in one command.

The supervisor starts each as a process of its own, in a session of its own, so that Ctrl-C at the terminal reaches the
supervisor alone and it stops the others in order. Each holds the end of a pipe: when the supervisor is killed, the pipe
closes and they stop by themselves.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from fatto.portal.config import Config

STOP_SECONDS = 12.0
UNDER_SUPERVISOR = "--under-supervisor"

_log = logging.getLogger("fatto.serve")


class PortTaken(Exception):
    """The port cannot be had; the message says which, and how to choose another."""


# -- web -------------------------------------------------------------------------------------------


def refuse_taken_port(config: Config) -> None:
    """See that we can listen where we are told to.

    Raises:
        PortTaken: another program has the port, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in config.bind else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.bind, config.port))
            probe.listen(1)
        except OSError as trouble:
            raise PortTaken(
                f"Port {config.port} on {config.bind} cannot be used ({trouble.strerror}). Another program may be "
                f"listening there: stop it, or choose another port, for example with "
                f"FATTO_PORT={config.port + 1}."
            ) from trouble


def web(config: Config) -> None:
    """Answer requests until SIGTERM or SIGINT."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    counts = config.data / "tmp" / f"metrics-{os.getpid()}"
    shutil.rmtree(counts, ignore_errors=True)
    counts.mkdir(mode=0o700)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counts)
    try:
        Granian(
            "fatto.portal.wsgi:application",
            address=config.bind,
            port=config.port,
            interface=Interfaces.WSGI,
            workers=config.workers or _processors(),
            blocking_threads=config.threads,
            backpressure=config.threads * 16,
            http1_settings=HTTP1Settings(header_read_timeout=15_000),
            respawn_failed_workers=True,
            respawn_interval=1.0,
            workers_kill_timeout=6,
            log_enabled=False,
            log_level=LogLevels.error,
        ).serve()
    finally:
        shutil.rmtree(counts, ignore_errors=True)


def _processors(most: int = 4) -> int:
    """The processors that this process may use, as far as more web processes make the portal quicker."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, most)


def leave_with_supervisor() -> None:
    """In a process that the supervisor started: stop when the supervisor is gone, however it went."""

    def read_to_the_end() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass

    _leave_after(read_to_the_end)


def leave_with_parent() -> None:
    """In a process that the web server made for itself: stop when the web server is gone; elsewhere nothing."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        _leave_after(parent.join)


def _leave_after(wait: Callable[[], None]) -> None:
    def leave() -> None:
        wait()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(STOP_SECONDS)
        os._exit(1)

    threading.Thread(target=leave, daemon=True, name="leave").start()


# -- supervisor ------------------------------------------------------------------------------------


@dataclass
class Child:
    """A process that must run, and is started again when it ends."""

    name: str
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started: float = 0.0
    again: float = field(default=0.0)  # not before this moment (monotonic)

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and command
            [sys.executable, "-m", "fatto", self.name, UNDER_SUPERVISOR],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )

    def ended(self) -> int | None:
        return self.process.poll() if self.process else None

    def signal(self, number: int) -> None:
        """To the whole session: a web server has processes of its own."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if number == signal.SIGKILL:
                    os.killpg(self.process.pid, number)
                else:
                    self.process.send_signal(number)


def supervise(config: Config, *, ready: Callable[[], None], tend: Callable[[], None]) -> int:
    """Keep web and worker running until SIGTERM or SIGINT; then stop both.

    Args:
        ready: called once, when the web server answers.
        tend: called every two seconds, to look after what they depend on.
    Returns:
        The exit status: 0 when asked to stop.
    """
    children = [Child("web"), Child("worker")]
    asked = threading.Event()
    insisted = threading.Event()

    def stop(number: int, frame: object) -> None:
        (insisted if asked.is_set() else asked).set()

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        for child in children:
            child.start()
        threading.Thread(target=_tell_when_ready, args=[config, ready, asked], daemon=True).start()
        tended = time.monotonic()
        while not asked.wait(0.2):
            for child in children:
                _restart_if_ended(child)
            if time.monotonic() - tended > 2:
                tend()
                tended = time.monotonic()
    finally:
        _stop(children, insisted)
        for number, handler in previous.items():
            signal.signal(number, handler)
    return 0


def _restart_if_ended(child: Child) -> None:
    status = child.ended()
    now = time.monotonic()
    if status is None:
        return
    if child.process is not None and not child.again:
        child.failures = 1 if now - child.started > 60 else child.failures + 1
        child.again = now + min(30.0, 0.5 * 2**child.failures)
        _log.error("%s ended with status %s and is started again", child.name, status, extra={"event": "restart"})
    if now >= child.again:
        child.again = 0.0
        child.start()


def _stop(children: list[Child], insisted: threading.Event) -> None:
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline and not insisted.is_set():
        if all(child.ended() is not None or child.process is None for child in children):
            break
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL)
        if child.process:
            child.process.wait()


def _tell_when_ready(config: Config, ready: Callable[[], None], asked: threading.Event) -> None:
    while not asked.wait(0.1):
        with contextlib.suppress(OSError):
            request = urllib.request.Request(local_address(config) + "/health/live", headers={"Host": "localhost"})  # noqa: S310
            with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    ready()
                    return


def local_address(config: Config) -> str:
    """How this machine reaches the web server."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.bind, config.bind)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{config.port}"


def clear_counts(data: Path) -> None:
    """Remove what killed web servers left behind."""
    for folder in (data / "tmp").glob("metrics-*"):
        number = folder.name.rpartition("-")[2]
        if not (number.isdigit() and psutil.pid_exists(int(number))):
            shutil.rmtree(folder, ignore_errors=True)
