"""Finds Chromium; `python -m tests.browser.chromium` prints its path, or fails without one."""

import os
import shutil
import sys

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def find_chromium() -> str | None:
    """Give the path of Chromium: the variable CHROMIUM, or the first one on PATH."""
    wanted = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [wanted] if wanted else NAMES)), None)


if __name__ == "__main__":
    found = find_chromium()
    sys.stdout.write(f"{found or 'There is no Chromium on this machine.'}\n")
    sys.exit(found is None)
