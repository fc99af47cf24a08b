"""Made-up customers, the same at every run. Consecutive ones weigh the same, so that pages can be compared."""

import uuid
from datetime import timedelta

from billing.customers.record import Record
from billing.tenancy import Tenant
from billing.times import iso, now

FIRST = (
    "Maria", "Oscar", "Priya", "Liang", "Fatma", "Jonas", "Amara", "Diego", "Elena", "Felix",
    "Greta", "Henri", "Irene", "Jamal", "Keiko", "Lukas", "Marek", "Nadia", "Pavel", "Sofia",
)  # fmt: skip
LAST = (
    "Moreau", "Nowaks", "Okafor", "Petrov", "Quiroz", "Ramirz", "Santos", "Tanaka", "Ulrich", "Vargas",
    "Werner", "Xanthi", "Yilmaz", "Zapata", "Abbott", "Becker", "Chowda", "Duarte", "Ekberg", "Farkas",
)  # fmt: skip

COMMON = "maria"
"""A word that every twentieth customer has."""
ALSO_COMMON = "moreau"
"""Another one; every four hundredth has both."""
RARE = "zephyr"
"""A word that one customer has."""
RARE_SEQUENCE = 500

_MOMENT = iso(now() - timedelta(days=1))  # recent, because events are kept for 30 days
_IDS = uuid.UUID("6b1f0e5c-0000-4000-8000-000000000000")


def person(tenant: Tenant, sequence: int) -> Record:
    """Return the customer with a place in the list."""
    first = FIRST[sequence % 20]
    last = "Zephyr" if sequence == RARE_SEQUENCE else LAST[sequence // 20 % 20]
    return Record(
        tenant=tenant,
        id=f"cus_{uuid.uuid5(_IDS, str(sequence)).hex}",
        version=1,
        sequence=sequence,
        source="api",
        created_at=_MOMENT,
        updated_at=_MOMENT,
        texts={
            "email": f"c{sequence:07d}@example.com",
            "name": f"{first} {last}",
            "currency": "EUR",
            "notes": "Pays by the end of the quarter.",
        },
        address={"line1": "14 Rue des Remparts", "city": "Bordeaux", "postal_code": "33000", "country": "FR"},
        metadata={"crm_id": f"0061t{sequence:010d}", "plan": "growth", "seats": 12},
        request_id="JKJaXmPLvHcESHA=",
    )
