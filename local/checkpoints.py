"""How far each function has read each stream, kept on disk so that a restart loses and repeats nothing."""

import json
import threading
from pathlib import Path
from typing import Any


class Checkpoints:
    """Sequence numbers by mapping, stream and shard, and the records of a stream that will not outlive its server."""

    def __init__(self, path: Path) -> None:
        """Read what an earlier run left at `path`, a file."""
        self._path = path
        self._spool_path = path.with_suffix(".spool.json")
        self._numbers: dict[str, str] = _read(path)
        self._spool: dict[str, list[dict[str, Any]]] = _read(self._spool_path)
        self._lock = threading.Lock()

    def get(self, mapping: str, stream: str, shard: str) -> str | None:
        """Return the last number that was acknowledged."""
        return self._numbers.get(_key(mapping, stream, shard))

    def put(self, mapping: str, stream: str, shard: str, number: str) -> None:
        """Acknowledge everything up to `number`."""
        with self._lock:
            self._numbers[_key(mapping, stream, shard)] = number
            _write(self._path, self._numbers)

    def spooled(self, mapping: str, stream: str, shard: str) -> list[dict[str, Any]]:
        """Return the records saved by `spool`, also those that were acknowledged since."""
        return self._spool.get(_key(mapping, stream, shard), [])

    def spool(self, unread: dict[tuple[str, str, str], list[dict[str, Any]]]) -> None:
        """Save records by (mapping, stream, shard) until the next run, in place of those saved before."""
        self._spool = {_key(*place): records for place, records in unread.items()}
        _write(self._spool_path, self._spool)


def _key(mapping: str, stream: str, shard: str) -> str:
    return f"{mapping} {stream} {shard}"


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".tmp")
    whole.write_text(json.dumps(content))
    whole.replace(path)
