"""localstripe as the tests see it."""

from typing import Any

import httpx

KEY = "sk_test_12345"


class LocalStripe:
    """The running server."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.Client(base_url=url, auth=(KEY, ""))

    def post(self, path: str, **fields: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self._client.post(path, data=fields).raise_for_status().json()
        return answer

    def spoil(self, path: str, how: str) -> None:
        """Spoil the next request to a path that ends so."""
        self._client.post("/_config/spoil", json={"path": path, "how": how}).raise_for_status()

    def count(self, kind: str) -> int:
        """Return how many objects of a kind there are."""
        return len(self.all(kind))

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind."""
        found: list[dict[str, Any]] = (
            self._client.get(f"/v1/{kind}", params={"limit": 100}).raise_for_status().json()["data"]
        )
        return found

    def clear(self) -> None:
        """Forget everything."""
        self._client.delete("/_config/data").raise_for_status()

    def card(self, number: str) -> str:
        """Return the payment method that Stripe's form would make of a card."""
        card = {"number": number, "exp_month": "12", "exp_year": "2030", "cvc": "123"}
        return str(self.post("/v1/payment_methods", type="card", **{f"card[{k}]": v for k, v in card.items()})["id"])
