"""Takes the pictures of the documentation from a running demonstration, so that they stay true.

bin/run                                   (in one terminal; DEMO_PASSWORD=... set)
DEMO_PASSWORD=... python docs/pictures.py http://127.0.0.1:8000 [NAME ...]

Best from a demonstration that was set up afresh: it changes nothing, but shows what was changed.
"""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, FloatRect, Page, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
WIDTH, AIR = 1280, 8


@dataclass(frozen=True)
class Picture:
    """Whose page it is, how to come to it, and which part of it is shown.

    From ``address`` the first link that matches each of ``follow`` is pressed, so that nothing
    here names an item by its number; then whatever matches ``opens`` is unfolded.
    """

    mailbox: str
    address: str
    follow: tuple[str, ...] = ()
    opens: str = ""
    # A selector; without one the picture is the top of the page as it opens.
    part: str = ""
    # Another, within that part: with what the picture begins.
    start: str = ""
    height: int = 1000


PICTURES = {
    "dashboard": Picture("elt", "/las-2016/", height=840),
    "tour": Picture("auditor", "/las-2016/tour/", part=".qip-tour", height=500),
    "owner-my-work": Picture(
        "owner-ws2",
        "/las-2016/my-work/",
        opens=".qip-works > li:nth-child(2) > details > summary",
        part=".qip-panel:has(#milestones)",
        height=760,
    ),
    "owner-exception-report": Picture(
        "owner-ws2",
        "/las-2016/my-work/",
        follow=(r"^Report EX-",),
        part="main",
        height=580,
    ),
    "lead-home": Picture("lead-ws2", "/las-2016/home/", part=".qip-cols > .qip-stack", height=620),
    "lead-endorse": Picture(
        "lead-ws2", "/las-2016/home/", follow=(r"^Endorse CR-",), part="main", height=640
    ),
    "pmo-chase": Picture(
        "pmo",
        "/las-2016/months/",
        follow=(r"^November 2016$",),
        part=".qip-panel:has(#missing)",
        height=600,
    ),
    "pmo-commentary": Picture(
        "pmo",
        "/las-2016/months/",
        follow=(r"^October 2016$", r"commentary on Executive summary$"),
        part="main",
        height=620,
    ),
    "elt-decide": Picture(
        "elt", "/las-2016/decisions/", follow=(r"^CR-",), part="main", height=760
    ),
    "elt-sign-off": Picture(
        "elt", "/las-2016/months/", follow=(r"^October 2016$",), part="main", height=640
    ),
    "auditor-journal": Picture(
        "auditor", "/las-2016/journal/", part=".qip-panel:has(#entries)", height=520
    ),
    "auditor-trace": Picture(
        "auditor",
        "/las-2016/tour/",
        follow=(r"^The whole chain",),
        part=".qip-panel:has(#chain)",
        start="li:has-text('Exception')",
        height=760,
    ),
    "reader-packs": Picture("cqrg", "/las-2016/months/", part="main", height=520),
}


def main(base: str, names: list[str], password: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"]
        )
        pages: dict[str, Page] = {}
        for name in names or PICTURES:
            picture = PICTURES[name]
            if picture.mailbox not in pages:
                pages[picture.mailbox] = signed_in(browser, base, picture.mailbox, password)
            take(pages[picture.mailbox], base, picture, FOLDER / f"{name}.png")
        browser.close()


def signed_in(browser: Browser, base: str, mailbox: str, password: str) -> Page:
    page = browser.new_context(viewport={"width": WIDTH, "height": 1000}).new_page()
    page.goto(f"{base}/accounts/login/")
    page.locator("#id_login").fill(f"{mailbox}@las.example")
    page.locator("#id_password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


def take(page: Page, base: str, picture: Picture, path: Path) -> None:
    page.goto(base + picture.address)
    for label in picture.follow:
        page.get_by_role("main").get_by_role("link", name=re.compile(label)).first.click()
        page.wait_for_load_state("networkidle")
    if picture.opens:
        page.locator(picture.opens).click()
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    # Positions are told from the top of the window, pictures from the top of the page.
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=path, full_page=True, clip=area_of(page, picture))


def area_of(page: Page, picture: Picture) -> FloatRect:
    """The rectangle of the page that the picture shows, with a little air around it."""
    if not picture.part:
        return {"x": 0, "y": 0, "width": WIDTH, "height": picture.height}
    part = page.locator(picture.part).first
    box = part.bounding_box()
    assert box, f"nothing matches {picture.part}"
    begin = part.locator(picture.start).first.bounding_box() if picture.start else box
    assert begin, f"nothing in {picture.part} matches {picture.start}"
    rest = box["y"] + box["height"] - begin["y"]
    return {
        "x": box["x"] - AIR,
        "y": begin["y"] - AIR,
        "width": box["width"] + 2 * AIR,
        "height": min(rest + 2 * AIR, picture.height),
    }


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:], os.environ["DEMO_PASSWORD"])
