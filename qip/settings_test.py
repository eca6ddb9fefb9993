import os
import tempfile
from pathlib import Path

from qip.settings import *  # noqa: F403
from qip.settings import BASE_DIR, DATABASES, STORAGES

SECRET_KEY = "only-for-tests-" + "x" * 50
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT = BASE_DIR / "static"
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file and not memory: tests of two writers at once need two connections. One per process,
    # so that two runs on one machine do not share it.
    file = Path(tempfile.gettempdir()) / f"qip-test-{os.getpid()}.sqlite3"
    DATABASES["default"]["TEST"] = {"NAME": str(file)}
