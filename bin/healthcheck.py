"""Usage: bin/healthcheck.py. Exits with 0 when the web server of this container answers."""

import os
import sys
from urllib.error import URLError
from urllib.request import Request, urlopen


def main() -> int:
    port = os.environ.get("BIND", "127.0.0.1:8000").rpartition(":")[2]
    host = os.environ.get("ALLOWED_HOSTS", "").partition(",")[0].strip() or "127.0.0.1"
    # A leading dot means "and every host below it".
    request = Request(f"http://127.0.0.1:{port}/health/live/", headers={"Host": host.lstrip(".")})  # noqa: S310
    try:
        with urlopen(request, timeout=4) as answer:  # noqa: S310
            return int(answer.status != 200)
    except (URLError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
