"""POST /v2/unsubscribe/{token}: unsubscribe from marketing mail."""

from typing import Annotated

from billing import preferences
from billing.edge import Raw, endpoint
from billing.preferences.pages import CONTENT_TYPE, DONE


@endpoint(scope=None)
def handler(token: str) -> Annotated[Raw, "text/html"]:
    """Turn marketing by e-mail off for the customer that the link was sent to; unsubscribing twice is fine.

    Mail programs post here by themselves (RFC 8058: `List-Unsubscribe=One-Click`), the page behind the link does too;
    whatever the body says, the answer is the same.

    Raises:
        NotFound: the link is not one of ours (404).
    """
    preferences.unsubscribe(token)
    return Raw(DONE.html, CONTENT_TYPE, headers=DONE.headers)
