"""Find a Chromium for the browser stories, or install one: `make test` runs this first.

As a module it answers `chromium()`, which the stories use. As a program it sees that there is one: in FATTO_CHROMIUM,
on the PATH, from Debian's packages (as root), or Playwright's own. Where none can be had it says so loudly, and with
CI=true that is a failure.
"""

# ruff: noqa: T201 - a program for the terminal

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MACOS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def chromium() -> str | None:
    """The path of a Chromium that starts, or None."""
    for candidate in _candidates():
        if candidate and _starts(candidate):
            return candidate
    return None


def _candidates() -> list[str]:
    told = os.environ.get("FATTO_CHROMIUM")
    if told:
        return [told]
    found = [shutil.which(name) or "" for name in NAMES]
    return [*found, *(path for path in MACOS if Path(path).exists()), _of_playwright()]


def _of_playwright() -> str:
    """The browser that Playwright downloaded, if it did; asked in a process of its own, for it starts a driver."""
    code = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)  # noqa: S603 - our own words
    path = done.stdout.strip()
    return path if path and Path(path).exists() else ""


def _starts(path: str) -> bool:
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=30)  # noqa: S603 - a browser we found
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _install_of_debian() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    update = subprocess.run(["apt-get", "update", "-q"], env=environment, stdout=subprocess.DEVNULL)  # noqa: S607
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"]
    return not update.returncode and not subprocess.run(install, env=environment, stdout=subprocess.DEVNULL).returncode  # noqa: S603


def _install_of_playwright() -> bool:
    return not subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"]).returncode


def provide() -> int:
    """See that there is a browser; the exit status."""
    found = chromium()
    ways: list[tuple[str, Callable[[], bool]]] = [
        ("Installing Debian's chromium", _install_of_debian),
        ("Installing Playwright's chromium", _install_of_playwright),
    ]
    for text, install in ways:
        if found or os.environ.get("FATTO_CHROMIUM"):
            break
        print(f"{text} …", flush=True)
        if install():
            found = chromium()
    if found:
        print(f"Browser stories run in {found}")
        return 0
    line = "=" * 78
    print(
        f"{line}\nNO CHROMIUM: THE BROWSER STORIES ARE SKIPPED.\n"
        f"None was found and none could be installed. Install one, or set FATTO_CHROMIUM.\n{line}",
        file=sys.stderr,
    )
    return 1 if os.environ.get("CI", "").lower() in ("1", "true", "yes") else 0


if __name__ == "__main__":
    raise SystemExit(provide())
