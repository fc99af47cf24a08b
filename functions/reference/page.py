"""GET /docs: the reference of this API, for people."""

import base64
import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from billing.edge import Raw, endpoint

SWAGGER_UI = "event_handler/openapi/swagger_ui"
"""Where Powertools keeps its copy of Swagger UI; read as files, because its event handler would be slow to import."""

START = """
SwaggerUIBundle({
  url: "v2/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
  validatorUrl: null,
});
"""


def _asset(name: str) -> str:
    spec = find_spec("aws_lambda_powertools")
    assert spec is not None and spec.submodule_search_locations  # noqa: S101, PT018 - every function has the layer
    return Path(spec.submodule_search_locations[0], SWAGGER_UI, name).read_text()


def _source(content: str) -> str:
    """Return the source expression by which a policy allows exactly this inline content."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


STYLE = _asset("swagger-ui.min.css")
SCRIPT = _asset("swagger-ui-bundle.min.js")

PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Customers API reference</title>
<link rel="icon" href="data:,">
<style>{STYLE}</style>
</head>
<body>
<main id="reference">
<noscript>
<p>This page needs JavaScript. The same reference for machines: <a href="v2/openapi.json">v2/openapi.json</a>.</p>
</noscript>
</main>
<script>{SCRIPT}</script>
<script>{START}</script>
</body>
</html>
"""

POLICY = "; ".join(
    [
        "default-src 'none'",
        f"script-src {_source(SCRIPT)} {_source(START)}",
        f"style-src {_source(STYLE)}",
        "img-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
)

HEADERS = {
    "etag": f'"{hashlib.sha256(PAGE.encode()).hexdigest()[:32]}"',
    "cache-control": "public, max-age=300",
    "content-security-policy": POLICY,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@endpoint(scope=None)
def handler() -> Annotated[Raw, "text/html"]:
    """Return the interactive reference: one page with everything in it, which loads the document beside it."""
    return Raw(PAGE, "text/html; charset=utf-8", headers=HEADERS)
