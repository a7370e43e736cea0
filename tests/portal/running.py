"""Running the portal as an administrator does: as a program in a folder of its own, on a free port."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Portal:
    """`fatto COMMAND` in a folder."""

    def __init__(self, folder: Path, command: str = "serve", **environment: str) -> None:
        self.folder = folder
        self.port = int(environment.get("FATTO_PORT", free_port()))
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("FATTO_", "DJANGO_", "DATABASE_"))
        }
        self.environment = {**clean, "FATTO_DATA": str(folder), "FATTO_PORT": str(self.port), **environment}
        self.command = command
        self.log = folder.with_name(f"{folder.name}.log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Portal:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fatto", self.command],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another command in the same folder, to its end."""
        command = [sys.executable, "-m", "fatto", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()

    def wait(self, check: str = "", seconds: float = 60) -> dict[str, str]:
        """Until the portal answers, and `check` is among what is well; gives its state."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                state = json.loads(self.get("/health/ready")[1])
                if not check or state.get(check) == "ok":
                    return state
            except OSError:
                assert self.process.poll() is None, f"ended with {self.process.poll()}:\n{self.log.read_text()}"
            time.sleep(0.1)
        raise AssertionError(f"the portal did not answer:\n{self.log.read_text()}")

    def processes(self) -> list[psutil.Process]:
        """Every living process of this portal: those started by us, and those that work in its folder."""
        found = []
        for process in psutil.process_iter(["pid", "status"]):
            if process.info["status"] == psutil.STATUS_ZOMBIE:
                continue
            try:
                ours = process.environ().get("FATTO_DATA") == str(self.folder) and process.pid != os.getpid()
                if (
                    ours
                    or str(self.folder) in " ".join(process.cmdline())
                    or process.cwd() == str(self.folder / "postgres")
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def gone(self, seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        return not self.processes()

    def interrupt(self) -> int:
        """Ctrl-C; the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(30)

    def kill_everything(self) -> None:
        for process in self.processes():
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(10)

    def __enter__(self) -> Portal:
        return self if self.process is not None and self.process.poll() is None else self.start()

    def __exit__(self, *trouble: object) -> None:
        self.kill_everything()
