"""The people of the governance tests, by the names that ``person`` of conftest.py knows."""

ROLES = [
    "pmo_administrator",
    "pmo_officer",
    "executive_lead",
    "local_owner",
    "elt_member",
    "auditor",
    "other_owner",
    "other_lead",
]
