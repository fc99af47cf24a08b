"""The size of the built layers, zipped as they are uploaded."""

from collections.abc import Iterator

from bench.lambdas import LAYERS
from bench.results import Row
from layers.build import ZIP_LIMIT_BYTES, archive, megabytes


def measure() -> Iterator[Row]:
    """Yield one row per layer."""
    for packages in LAYERS:
        layer = packages.parent
        if not packages.is_dir():
            yield Row("layer, zipped", layer.name, None, note="not built: make layers-host")
            continue
        unpacked = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
        zipped = len(archive(layer)) / 2**20
        yield Row("layer, zipped", layer.name, zipped, "MB", ZIP_LIMIT_BYTES / 2**20, f"{megabytes(unpacked)} unpacked")
