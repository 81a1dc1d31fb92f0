"""Naming the content of a folder, so that the same content is kept once."""

import hashlib
from pathlib import Path

__all__ = ["digest_of"]


def digest_of(folder: Path) -> str:
    """Name the content of a folder: the first 12 hexadecimal digits of a SHA-256."""
    content = hashlib.sha256()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        content.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return content.hexdigest()[:12]
