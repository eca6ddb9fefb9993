import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import find_chromium

AXE = Path(__file__).with_name("axe.min.js").read_text()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
DESKTOP = (1366, 900)
# Milliseconds. A loaded machine is slow, which is no fault of the page.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def chromium_browser() -> Iterator[Browser]:
    """Chromium without a window. Skips without one, but fails where CI=true."""
    executable = find_chromium()
    if executable is None:
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail("CI has no Chromium, so no browser test can run.")
        pytest.skip("There is no Chromium on this machine (Debian: apt-get install chromium).")
    with pytest.MonkeyPatch.context() as environment:
        # Playwright keeps an event loop running in this thread; the ORM is used beside it.
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable,
                args=[
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync",
                    "--no-default-browser-check",
                    "--no-first-run",
                ],
            )
            yield browser
            browser.close()


@pytest.fixture
def browser_page(chromium_browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give a function that opens a page in a context of its own, as another person would.

    It takes `viewport` (width, height) and whatever else a Playwright context takes, such as
    `java_script_enabled=False` or `base_url`.
    """
    contexts = []

    def open_page(*, viewport: tuple[int, int] = DESKTOP, **options: Any) -> Page:
        width, height = viewport
        context = chromium_browser.new_context(
            viewport={"width": width, "height": height},
            locale="en-GB",
            timezone_id="Europe/London",
            reduced_motion="reduce",
            **options,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield open_page

    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def axe_violations() -> Callable[[Page], list[str]]:
    """Give a function that lists what breaks WCAG 2.2 A or AA on the page; empty is good."""

    def violations(page: Page) -> list[str]:
        page.evaluate(AXE)
        found = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", WCAG)
        return [
            f"{rule['id']}: {rule['help']}: {' '.join(node['target'])}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    return violations
