"""GET /v2/unsubscribe/{token}: the page behind the link in a mail."""

from typing import Annotated

from billing import preferences
from billing.edge import Raw, endpoint
from billing.preferences.pages import CONTENT_TYPE, QUESTION


@endpoint(scope=None)
def handler(token: str) -> Annotated[Raw, "text/html"]:
    """Ask whether to unsubscribe. To look changes nothing: mail scanners open every link of a mail.

    Raises:
        NotFound: the link is not one of ours (404).
    """
    preferences.check(token)
    return Raw(QUESTION.html, CONTENT_TYPE, headers=QUESTION.headers)
