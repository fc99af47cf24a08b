"""The local runtime with a small system of its own, which tests may break."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from local.testing import Runtime, running_runtime

PROJECT = Path(__file__).parent / "project"


def eventually[T](look: Callable[[], T], *, seconds: float = 20) -> T:
    """Look until something true is seen, and return it."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"not seen within {seconds} s; last seen: {seen!r}"
        time.sleep(0.05)
    return seen


class Shop:
    """What tests do with the small system."""

    def __init__(self, runtime: Runtime, project: Path) -> None:
        self.runtime = runtime
        self.project = project

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.runtime.url + path, headers=headers, timeout=30)

    def order(self, name: str, **more: str) -> None:
        item = {"pk": {"S": "order"}, "sk": {"S": name}, "kind": {"S": "order"}}
        extra = {key: {"S": value} for key, value in more.items()}
        self.runtime.clients.dynamodb.put_item(TableName=self.runtime.table_name, Item={**item, **extra})

    def mend(self) -> None:
        item = {"pk": {"S": "mended"}, "sk": {"S": "-"}}
        self.runtime.clients.dynamodb.put_item(TableName=self.runtime.table_name, Item=item)

    def noted(self, name: str) -> int:
        """How often an event of this name has arrived."""
        found = self.runtime.clients.dynamodb.get_item(
            TableName=self.runtime.table_name, Key={"pk": {"S": "noted"}, "sk": {"S": name}}
        )
        return int(found.get("Item", {}).get("times", {}).get("N", 0))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The running small system."""
    project = tmp_path_factory.mktemp("shop") / "project"
    shutil.copytree(PROJECT, project)
    with running_runtime(project / "template.yaml") as runtime:
        yield Shop(runtime, project)
