"""The two pages of unsubscribing: nothing in them is about anybody, and nothing is loaded from elsewhere."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

CONTENT_TYPE = "text/html; charset=utf-8"

STYLE = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto; padding: 0 1rem; color: #1a1a1a }
h1 { font-size: 1.5rem; line-height: 1.25 }
button { font: inherit; padding: .75rem 1.25rem; border: 0; border-radius: .25rem; background: #1a1a1a; color: #fff }
button:focus-visible { outline: 3px solid #0b57d0; outline-offset: 3px }
@media (prefers-color-scheme: dark) {
  body { background: #1a1a1a; color: #f2f2f2 }
  button { background: #f2f2f2; color: #1a1a1a }
}
"""

_POLICY = "; ".join(
    [
        "default-src 'none'",
        f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page with its headers."""

    html: str
    headers: Mapping[str, str]


def _page(title: str, content: str) -> Page:
    html = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
    headers = {
        "etag": f'"{hashlib.sha256(html.encode()).hexdigest()[:32]}"',
        "cache-control": "no-cache",
        "content-security-policy": _POLICY,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-robots-tag": "noindex",
    }
    return Page(html, headers)


QUESTION = _page(
    "Unsubscribe?",
    """<p>You will get no more marketing e-mails. Receipts and reminders still reach you.</p>
<form method="post">
<input type="hidden" name="List-Unsubscribe" value="One-Click">
<button>Unsubscribe</button>
</form>""",
)

DONE = _page(
    "You are unsubscribed",
    "<p>You will get no more marketing e-mails. Receipts and reminders still reach you. You can close this page.</p>",
)
