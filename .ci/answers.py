"""Usage: answers.py PORT. Exits with 0 when the tracker there serves people and its jobs run."""

import sys
from urllib.request import urlopen


def main() -> int:
    for path in ("/health/live/", "/health/ready/", "/accounts/login/"):
        with urlopen(f"http://127.0.0.1:{int(sys.argv[1])}{path}", timeout=20) as answer:  # noqa: S310
            body = answer.read().decode()
    return int("password" not in body.lower())


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as error:
        sys.exit(f"No answer: {error}")
