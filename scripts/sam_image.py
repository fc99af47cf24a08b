"""Make sure that the image in which `sam local invoke` runs functions is on this machine.

    python -m scripts.sam_image [--rebuild]

It is AWS's own base image if that can be pulled. Where no registry can be reached, a stand-in is made under the
same name, in seconds and without the network: this machine's Python 3.13 and the libraries it needs, a shell, the
runtime interface client that AWS publishes, and nothing else. It has less than AWS's image (no boto3, no time
zones), so what runs in it has all it needs in its layers. Docker tells the two apart by the label `stand-in`.
"""

import argparse
import ctypes
import functools
import io
import json
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAM_PYTHON = ROOT / ".venv-sam" / "bin" / "python"
PULL_SECONDS = 600

MACHINES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}

# What sam's own Dockerfile runs on top of the base image.
COMMANDS = ("sh", "chmod", "cp", "mkdir", "mv", "rm")
# What a compiled package may count on (the manylinux policy), whether or not Python itself loads it.
LIBRARIES = (
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "libresolv.so.2",
    "librt.so.1",
    "libstdc++.so.6",
    "libutil.so.1",
)
# Parts of Python that Lambda doesn't have or that need a screen.
LEFT_OUT = (
    "config-*",
    "ensurepip",
    "idlelib",
    "site-packages",
    "test",
    "tkinter",
    "turtledemo",
    "lib-dynload/_tkinter*",
)

RUNTIME_CLIENT = ("awslambdaric", "simplejson", "snapshot_restore_py.py", "runtime_client.*.so")
BOOTSTRAP = """\
#!/bin/sh
export AWS_EXECUTION_ENV=AWS_Lambda_python3.13
exec /var/lang/bin/python3.13 -m awslambdaric "$_HANDLER"
"""

# As in AWS's image. What it finds by a sys.path of its own, PYTHONPATH finds here, in the same order.
CONFIGURATION = (
    "ENV LANG=C.UTF-8",
    "ENV TZ=:UTC",
    "ENV PATH=/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "ENV LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/task:/var/task/lib:/opt/lib",
    "ENV PYTHONPATH=/var/task:/opt/python/lib/python3.13/site-packages:/opt/python:/var/runtime",
    "ENV LAMBDA_TASK_ROOT=/var/task",
    "ENV LAMBDA_RUNTIME_DIR=/var/runtime",
    "WORKDIR /var/task",
    'ENTRYPOINT ["/var/runtime/bootstrap"]',
    "LABEL stand-in=true",
)


class ImageUnavailable(Exception):
    """There is no image and none can be made; the message says what would help."""


@dataclass(frozen=True)
class Sam:
    """What the installed sam-cli says of itself."""

    image: str
    packages: Path


def main() -> None:
    """Get the image and say which it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rebuild", action="store_true", help="make the stand-in again, also if an image is there")
    arguments = parser.parse_args()
    try:
        print(ensure(rebuild=arguments.rebuild))
    except ImageUnavailable as error:
        sys.exit(str(error))


def ensure(*, rebuild: bool = False) -> str:
    """Return the name of the image, after getting it if it wasn't there.

    Raises:
        ImageUnavailable: it can neither be pulled nor made.
    """
    name = sam().image
    if not rebuild:
        if docker("image", "inspect", name).returncode == 0:
            return name
        if docker("pull", "--quiet", name, timeout_seconds=PULL_SECONDS).returncode == 0:
            return name
    began = time.monotonic()
    stand_in(name)
    print(f"made a stand-in for {name} in {time.monotonic() - began:.1f} s (it can't be pulled here)", file=sys.stderr)
    return name


def architecture() -> str:
    """Return this machine's processor by Lambda's name for it; containers can't run the other one."""
    return MACHINES[platform.machine().lower()]


@functools.cache
def sam() -> Sam:
    """Ask the installed sam-cli for the name of the image that it would pull for our runtime on this processor."""
    code = (
        "import json, sys, sysconfig\n"
        "from samcli.local.docker.lambda_image import LambdaImage, Runtime\n"
        "tag = Runtime.get_image_name_tag('python3.13', sys.argv[1])\n"
        "print(json.dumps([f'{LambdaImage._INVOKE_REPO_PREFIX}/{tag}', sysconfig.get_path('purelib')]))"
    )
    answer = subprocess.run([SAM_PYTHON, "-c", code, architecture()], capture_output=True, text=True, check=True)
    image, packages = json.loads(answer.stdout)
    return Sam(image, Path(packages))


def docker(
    *arguments: str, timeout_seconds: float = 60, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the docker command line; a command that isn't there, or takes too long, has failed."""
    command = ["docker", *arguments]
    try:
        return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout_seconds, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, b"", b"docker is not installed")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, b"", b"took too long")


def stand_in(name: str) -> None:
    """Make the stand-in and give it to Docker as `name`."""
    if sys.platform != "linux":
        raise ImageUnavailable(f"{name} can't be pulled, and only a Linux machine can make a stand-in for it")
    missing = [command for command in COMMANDS if not shutil.which(command)]
    if missing or not (sam().packages / "awslambdaric").exists():
        raise ImageUnavailable(f"to make a stand-in for {name}: {', '.join(missing) or 'scripts/setup .venv-sam'}")
    changes = [part for line in CONFIGURATION for part in ("--change", line)]
    imported = docker("import", *changes, "-", name, stdin=root_as_tar(), timeout_seconds=300)
    if imported.returncode:
        raise ImageUnavailable(f"docker import failed: {imported.stderr.decode().strip()}")


def root_as_tar() -> bytes:
    """Return the stand-in's file system."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for directory, mode in (("tmp", 0o1777), ("opt", 0o755), ("var/task", 0o755), ("var/rapid", 0o755)):
            entry = tarfile.TarInfo(directory)
            entry.type, entry.mode = tarfile.DIRTYPE, mode
            tar.addfile(entry)
        add_text(tar, "etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        add_text(tar, "var/runtime/bootstrap", BOOTSTRAP, mode=0o755)
        for pattern in RUNTIME_CLIENT:
            for path in sam().packages.glob(pattern):
                tar.add(path, f"var/runtime/{path.name}")
        commands = {command: Path(str(shutil.which(command))).resolve() for command in COMMANDS}
        for command, path in commands.items():
            tar.add(path, f"bin/{command}")
        for path, target in python_files():
            tar.add(path, f"var/lang/{target}", recursive=False)
        for library in sorted(libraries(commands.values())):
            add_file(tar, Path(library), library.lstrip("/"))
    return buffer.getvalue()


def python_files() -> Iterator[tuple[Path, Path]]:
    """Yield the files of the Python that the project's environment was made from, and their place under /var/lang."""
    base = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    standard_library = base / "lib" / version
    left_out = {path for pattern in LEFT_OUT for path in standard_library.glob(pattern)}
    yield (base / "bin" / version).resolve(), Path("bin", version)
    for path in base.glob("lib/libpython3*.so*"):
        yield path, path.relative_to(base)
    for path in standard_library.rglob("*"):
        if not left_out.intersection((path, *path.parents)):
            yield path, path.relative_to(base)


def libraries(commands: Iterable[Path]) -> set[str]:
    """Return the system's shared libraries that the commands, Python and its extensions load."""
    base = Path(sys.base_prefix)
    compiled = [
        *commands,
        *(path for path, target in python_files() if target.suffix == ".so" or "bin" in target.parts),
    ]
    found = {path for name in LIBRARIES if (path := loaded_from(name))}
    listed = subprocess.run(["ldd", *compiled, *found], capture_output=True, text=True, check=False).stdout
    found.update(re.findall(r"(/\S+)\s\(0x", listed))
    # Python's own goes with its files; where it is the system's, all the others lie below the same folder
    return {path for path in found if not (Path(path).is_relative_to(base) and "libpython" in path)}


def loaded_from(library: str) -> str | None:
    """Return the file that the dynamic loader takes for a library, None if it has none."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return None
    stem = library.partition(".so")[0]
    files = (Path(line.split()[-1]) for line in Path("/proc/self/maps").read_text().splitlines())
    return next(
        (str(file.with_name(library)) for file in files if file.name.startswith((f"{stem}.so", f"{stem}-"))), None
    )


def add_file(tar: tarfile.TarFile, path: Path, target: str) -> None:
    """Add a file, not the link that leads to it."""
    entry = tar.gettarinfo(path.resolve(), target)
    with path.open("rb") as file:
        tar.addfile(entry, file)


def add_text(tar: tarfile.TarFile, target: str, text: str, mode: int = 0o644) -> None:
    """Add a small file."""
    entry = tarfile.TarInfo(target)
    entry.size, entry.mode = len(text.encode()), mode
    tar.addfile(entry, io.BytesIO(text.encode()))


if __name__ == "__main__":
    main()
