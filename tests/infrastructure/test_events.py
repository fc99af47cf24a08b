"""What is published about events: a schema for each type, as the API shows the object, and a line in the table."""

import json
import re
from pathlib import Path

import pytest

from scripts.event_schemas import schemas
from scripts.openapi.document import document
from scripts.openapi.routes import routes
from tests.schemas import SCHEMAS

TABLE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()
GENERATED = dict(schemas(document(routes())["components"]["schemas"]))


def test_the_table_names_every_type_that_has_a_schema() -> None:
    named = re.findall(r"^\| `([a-z_.]+)` \|.*\(events/([a-z_.]+)\.v\d+\.json\) \|$", TABLE, flags=re.MULTILINE)

    assert [type_ for type_, file in named if type_ != file] == []
    assert sorted(type_ for type_, _ in named) == sorted(path.stem.rpartition(".v")[0] for path in SCHEMAS.iterdir())


@pytest.mark.parametrize("type_", GENERATED)
def test_a_schema_says_what_the_api_answers(type_: str) -> None:
    written = json.loads((SCHEMAS / f"{type_}.v1.json").read_text())

    assert written == GENERATED[type_], "write it anew: python -m scripts.event_schemas"
