"""GET /v2/openapi.json: the description of this API, for machines."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Annotated

from billing.edge import Raw, endpoint


@endpoint(scope=None)
def handler() -> Annotated[Raw, "application/json"]:
    """Return this document: OpenAPI 3.1, written from the endpoints themselves."""
    return _document()


@cache
def _document() -> Raw:
    text = Path(__file__).with_name("openapi.json").read_text()
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    return Raw(text, "application/json", headers={"etag": etag, "cache-control": "public, max-age=300"})
