"""Make the environments this repository runs in, from nothing but some Python 3 and the network.

    scripts/setup .venv .venv-ministack node

Each name becomes ready or the command fails and says what to do. An environment is made again only when its
locked requirements change; when nothing changed this takes a few milliseconds. Standard library only, Python
3.8 or later: it runs before anything is installed.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
ENVIRONMENTS = {
    ".venv": "dev.txt",
    ".venv-ministack": "ministack.txt",
    ".venv-localstripe": "localstripe.txt",
    ".venv-sam": "sam.txt",
}
PYTHON = "3.13"
UV_DIR = ROOT / ".uv"
UV = UV_DIR / "bin" / "uv"
PIP_DIR = ROOT / ".uv-pip"  # only where no Python has pip, and only until uv is there
NODE_PROJECT = ROOT / "tests" / "e2e"
STAMP = "made-from.sha256"


def main() -> None:
    wanted = sys.argv[1:] or [".venv", ".venv-ministack", ".venv-localstripe"]
    steps: "dict[str, Callable[[], None]]" = {name: partial(make_environment, name) for name in ENVIRONMENTS}
    steps.update({"uv": make_uv, "node": make_node})
    unknown = [name for name in wanted if name not in steps]
    if unknown:
        sys.exit(f"unknown environment {', '.join(unknown)}; there are {', '.join(steps)}")
    with (ROOT / ".setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once would build over each other
        for name in wanted:
            steps[name]()


def make_environment(name: str) -> None:
    directory, requirements = ROOT / name, REQUIREMENTS / ENVIRONMENTS[name]
    made_from = fingerprint(requirements)
    stamp = directory / STAMP
    python = directory / "bin" / "python"
    if python.exists() and stamped(stamp) == made_from:
        return
    make_uv()
    with step(f"{name} from requirements/{requirements.name}"):
        if not python.exists() or not stamp.exists():  # absent, half made, or its interpreter is gone
            remove(directory)
            uv("venv", "--quiet", "--python", find_python() or PYTHON, str(directory), failure=NO_PYTHON)
        remove(stamp)
        uv(
            "pip",
            "sync",
            "--quiet",
            "--require-hashes",
            "--compile-bytecode",
            "--python",
            str(python),
            str(requirements),
        )
        if name == ".venv":
            (site,) = directory.glob("lib/python*/site-packages")
            (site / "billing.pth").write_text(f"{os.path.relpath(ROOT / 'layers' / 'billing', site)}\n")
        stamp.write_text(made_from)


def make_uv() -> None:
    """Install the pinned uv with whichever pip there is."""
    requirements = REQUIREMENTS / "uv.txt"
    made_from = fingerprint(requirements)
    if UV.exists() and stamped(UV_DIR / STAMP) == made_from:
        return
    with step("uv, the installer"):
        remove(UV_DIR)
        install = ["install", "-qq", "--disable-pip-version-check", "--no-input", "--require-hashes"]
        install += ["--target", str(UV_DIR), "--requirement", str(requirements)]
        run([*find_pip(), *install])
        remove(PIP_DIR)
        (UV_DIR / STAMP).write_text(made_from)


def make_node() -> None:
    """Install what the end-to-end tests of the JavaScript SDK need; without Node.js say how to get it."""
    lock = NODE_PROJECT / "package-lock.json"
    if not lock.exists():
        return
    npm = shutil.which("npm")
    if not npm or not shutil.which("node"):
        message = "Node.js and npm are missing (Debian: apt-get install nodejs npm; macOS: brew install node)."
        if os.environ.get("CI"):
            sys.exit(message)
        print(f"*** {message}\n*** The JavaScript SDK's end-to-end tests will be SKIPPED.", flush=True)
        return
    stamp = NODE_PROJECT / "node_modules" / STAMP
    made_from = fingerprint(lock)
    if stamped(stamp) == made_from:
        return
    with step("tests/e2e/node_modules"):
        run([npm, "ci", "--loglevel=error", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=NODE_PROJECT)
        stamp.write_text(made_from)


def find_python() -> "str | None":
    """Return a Python 3.13 that really runs; a name on the PATH may be a shim that does not."""
    return next((path for path in interpreters() if version(path) == PYTHON), None)


def find_pip() -> "list[str]":
    for python in interpreters():
        if succeeds([python, "-m", "pip", "--version"]):
            return [python, "-m", "pip"]
    for python in interpreters():
        remove(PIP_DIR)
        if succeeds([python, "-m", "venv", str(PIP_DIR)]):
            return [str(PIP_DIR / "bin" / "python"), "-m", "pip"]
    return sys.exit(NO_PIP)


def interpreters() -> "list[str]":
    names = [f"python{PYTHON}", sys.executable, "python3", "python"]
    found = [shutil.which(name) for name in names]
    found += sorted((str(p) for p in Path.home().glob(f".pyenv/versions/{PYTHON}*/bin/python")), reverse=True)
    return [path for path in dict.fromkeys(found) if path and ROOT not in Path(path).parents]


def version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run(
            [python, "-c", code], capture_output=True, text=True, timeout=30, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def succeeds(command: "list[str]") -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=120, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def uv(*arguments: str, failure: str = "") -> None:
    run([str(UV), *arguments], failure)


def run(command: "list[str]", failure: str = "", cwd: Path = ROOT) -> None:
    environment = {name: text for name, text in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    code = subprocess.run(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    if code:
        sys.exit(failure or f"failed with status {code}: {' '.join(command)}")


def fingerprint(lock: Path) -> str:
    return hashlib.sha256(PYTHON.encode() + lock.read_bytes()).hexdigest()


def stamped(stamp: Path) -> str:
    return stamp.read_text() if stamp.exists() else ""


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


class step:  # noqa: N801 - reads as a statement
    """Say that a long step begins, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.began = time.monotonic()
        print(f"making {self.what} ...", flush=True)

    def __exit__(self, *failure: object) -> None:
        if failure[0] is None:
            print(f"made {self.what} in {time.monotonic() - self.began:.0f} s", flush=True)


NO_PIP = """No Python here can run pip, so the installer can't be fetched. One of these helps:
  Debian, Ubuntu: apt-get install python3-venv   (or python3-pip)
  Fedora:         dnf install python3-pip
  Alpine:         apk add py3-pip"""
NO_PYTHON = """No Python 3.13 was found and none could be downloaded. Install one (`uv python install 3.13`,
`pyenv install 3.13`, `brew install python@3.13`, or your system's package) and run this again."""

if __name__ == "__main__":
    main()
