"""The API keys that are there from the start."""

import json
from dataclasses import dataclass

FUNCTION = "MintApiKey"
DEMO = "mer_00000000000000000000000000000d01"
OTHER = "mer_00000000000000000000000000000d02"


@dataclass(frozen=True)
class SeededKey:
    """A key, whose it is, and what it may do."""

    key: str
    merchant_id: str
    merchant_name: str
    mode: str
    scopes: tuple[str, ...] = ("*",)

    def event(self) -> str:
        """Return the event that makes MintApiKey create it, or leave it as it is."""
        return json.dumps(
            {
                "key": self.key,
                "merchant_id": self.merchant_id,
                "merchant_name": self.merchant_name,
                "mode": self.mode,
                "scopes": self.scopes,
                "name": "local seed",
            }
        )


SEEDED_KEYS = (
    SeededKey("rk_sandbox_demo", DEMO, "Demo", "sandbox"),
    SeededKey("rk_live_demo", DEMO, "Demo", "live"),
    SeededKey("rk_sandbox_other", OTHER, "Other", "sandbox"),
    SeededKey("rk_sandbox_readonly", DEMO, "Demo", "sandbox", ("*:read",)),
)
