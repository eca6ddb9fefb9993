from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from workstreams.models import Programme, Role
from workstreams.models.programme import LEADING_ROLES, LIVE_ROLES


@dataclass(frozen=True)
class NavigationItem:
    label: str
    url: str
    is_current: bool
    count: int | None = None


# An auditor looks on.
WORK_ROLES = LIVE_ROLES - {Role.AUDITOR}
# Label, URL name, and the part of the address under which the item is the current one. At 1280
# pixels the first ten fit beside "More", "Home" among them: what every month needs comes before
# what is asked now and then.
MONTHS_PAGE = ("Months", "reports:month_list", "months")
LIVE_PAGES = [
    ("Programme", "reports:dashboard", ""),
    MONTHS_PAGE,
    ("Milestones", "milestones:milestone_list", "milestones"),
    ("Indicators", "metrics:indicator_list", "indicators"),
    ("CQC actions", "reports:cqc_action_list", "cqc-actions"),
    ("Exceptions", "governance:exception_list", "exceptions"),
    ("Change requests", "governance:change_request_list", "change-requests"),
    ("Decisions", "governance:decision_queue", "decisions"),
    ("Risks and issues", "governance:risk_list", "risks"),
    ("Meetings", "governance:meeting_list", "meetings"),
]
# Everybody else begins at a page that the menu names.
HOME_PAGE = ("Home", "reports:role_home", "home")
WORK_PAGE = ("My work", "reports:my_work", "my-work")
JOURNAL_PAGE = ("Journal", "reports:journal", "journal")
SETTINGS_PAGE = ("Settings", "reports:settings", "settings")
JOURNAL_READERS = frozenset([Role.PMO_ADMINISTRATOR, Role.PMO_OFFICER, Role.AUDITOR])


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Give every page its programme, the person's roles there, and the main navigation."""
    programme = getattr(request, "programme", None)
    if programme is None:
        return {"programme": None, "roles": frozenset(), "navigation": []}
    roles: frozenset[str] = getattr(request, "roles", frozenset())
    pages = [*LIVE_PAGES] if roles & LIVE_ROLES else [MONTHS_PAGE]
    if roles & WORK_ROLES:
        pages.insert(0, WORK_PAGE)
    if roles & LEADING_ROLES:
        pages.insert(0, HOME_PAGE)
    if roles & JOURNAL_READERS:
        pages.append(JOURNAL_PAGE)
    if Role.PMO_ADMINISTRATOR in roles:
        pages.append(SETTINGS_PAGE)
    part = request.path.split("/")[2]
    navigation = [
        NavigationItem(label, reverse(name, args=[programme.slug]), part == own_part)
        for label, name, own_part in pages
    ]
    return {
        "programme": programme,
        "roles": roles,
        "navigation": navigation,
        "definitions_url": reverse("reports:definitions", args=[programme.slug]),
        "search_url": reverse("reports:search", args=[programme.slug]),
        "tour_url": _tour_url(programme, roles),
    }


def _tour_url(programme: Programme, roles: frozenset[str]) -> str:
    """The guide of a demonstration, for who may see the pages that it leads to."""
    if not programme.is_demonstration or roles.isdisjoint(LIVE_ROLES):
        return ""
    return reverse("reports:tour", args=[programme.slug])
