from reports.snapshots.content import build_content, canonical, sha256_of

__all__ = ["build_content", "canonical", "sha256_of"]
