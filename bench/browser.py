"""Start a Streamlit app and a real browser; used by the measures and by the browser tests."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "streamlit_app.py"
BARE = ROOT / "bench" / "bare" / "streamlit_app.py"
SERVER_SECONDS = 120
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET_A_BROWSER = (
    "No browser was found for the browser tests. On Debian or Ubuntu run "
    "`sudo apt-get install chromium`; anywhere else run `python -m playwright install chromium`."
)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium: the system's if there is one, else Playwright's own.

    Raises:
        RuntimeError: there is neither; the message says how to get one.
    """
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            opened = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
                args=list(FLAGS),
            )
        except Error as error:
            raise RuntimeError(HOW_TO_GET_A_BROWSER) from error
        try:
            yield opened
        finally:
            opened.close()


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(runs: Path) -> dict[str, str]:
    """As on a reader's machine, where Python keeps what it has compiled."""
    here = {**os.environ, "CNN_CLASSROOM_RUNS": str(runs)}
    here.pop("PYTHONDONTWRITEBYTECODE", None)
    return here


class Server:
    """A running Streamlit app: its address and its process."""

    def __init__(self, script: Path, runs: Path, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        options = {"server.port": str(self.port), "server.headless": "true"}
        # The same place, and so the same settings, for every app.
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "streamlit", "run", str(script)),
                *(f"--{name}={value}" for name, value in (options | settings).items()),
            ],
            cwd=ROOT,
            env=environment(runs),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def wait(self) -> None:
        """Wait until the server answers."""
        end = time.monotonic() + SERVER_SECONDS
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"The server ended with code {self.process.returncode}.")
            with (
                suppress(OSError),
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1) as answer,
            ):
                if answer.status == 200:
                    return
            time.sleep(0.02)
        raise RuntimeError(f"The server did not answer within {SERVER_SECONDS} s.")

    def stop(self) -> None:
        """End the server as Ctrl+C does."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def serve(script: Path, runs: Path, **settings: str) -> Iterator[Server]:
    """A Streamlit app that answers, until the block ends."""
    server = Server(script, runs, **settings)
    try:
        server.wait()
        yield server
    finally:
        server.stop()
