"""The demonstration: illustrative people and ten months of the plan, lived through the services.

Nothing here is random: what looks like chance is drawn from the names of things, so that every
machine shows the same demonstration.
"""

import hashlib
from datetime import date

DEMONSTRATION_DATE = date(2016, 11, 14)
# The plan names no day for the regulator's next visit. Illustrative, as everything here.
NEXT_INSPECTION_DATE = date(2017, 2, 7)


def drawn(*about: object) -> float:
    """Give a number from 0 to under 1 that depends on nothing but what it is about."""
    name = "/".join(str(part) for part in about)
    return int(hashlib.sha256(name.encode()).hexdigest()[:12], 16) / 16**12
