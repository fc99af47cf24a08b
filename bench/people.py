"""Made-up customers, the same at every run. Consecutive ones weigh the same, so that pages can be compared."""

import uuid
from dataclasses import replace

from billing.customers.record import Record
from billing.customers.wallet import Held, Wallet

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

CARD_EXPIRES = "2049-12"
"""The month until which everybody's card is good."""

_IDS = uuid.UUID("6b1f0e5c-0000-4000-8000-000000000000")


def body(local_part: str) -> dict[str, object]:
    """Return the body that creates a customer like all the others."""
    return {
        "email": f"{local_part}@example.com",
        "name": "Marta Delacroix",
        "currency": "EUR",
        "notes": "Pays by the end of the quarter.",
        "address": {"line1": "14 Rue des Remparts", "city": "Bordeaux", "postal_code": "33000", "country": "FR"},
        "metadata": {"crm_id": "0061t00000AbCdE", "plan": "growth", "seats": 12},
    }


def person(pattern: Record, sequence: int) -> Record:
    """Return the customer with a place in the list; all but id, name, e-mail and its one card is as in `pattern`."""
    first = FIRST[sequence % 20]
    last = "Zephyr" if sequence == RARE_SEQUENCE else LAST[sequence // 20 % 20]
    own = {"email": f"c{sequence:07d}@example.com", "name": f"{first} {last}"}
    card = id_of("pm", sequence)
    return replace(
        pattern,
        id=id_of("cus", sequence),
        sequence=sequence,
        wallet=Wallet((Held(card, CARD_EXPIRES),), card),
        texts={**pattern.texts, **own},
    )


def id_of(prefix: str, sequence: int) -> str:
    """Return the id of an object of the dataset, the same at every run."""
    return f"{prefix}_{uuid.uuid5(_IDS, f'{prefix}{sequence}').hex}"
