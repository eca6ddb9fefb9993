# `rules` looks for a module of this name in every app at start.
from workstreams import roles  # noqa: F401
