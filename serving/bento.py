"""Build a bento: one folder that serves the champion without the registry.

Invariant: a bento holds the packages that serve, exact versions of what they need, the champion,
and nothing else.
"""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import serving
from features.errors import TidewaiterError
from features.home import Home

_PARTS = ("bentofile.yaml", "constraints.txt", "features", "models", "serving")


def build(home: Home) -> str:
    """Build a bento of the champion of a home and return its tag.

    Raises
    ------
    TidewaiterError
        Where there is no champion, or this is no source checkout.
    """
    home.prepare()
    # BentoML reads the service, which finds its home as it does when it serves.
    os.environ["TIDEWAITER_HOME"] = str(home.path)
    import bentoml  # noqa: PLC0415 - only after telemetry is off

    root = Path(serving.__file__).parents[1]
    missing = [part for part in _PARTS if not (root / part).exists()]
    if missing:
        raise TidewaiterError(f"expected {', '.join(missing)} in {root}: build from a checkout")
    with TemporaryDirectory(prefix="tidewaiter-bento-") as folder:
        _copy(root, Path(folder))
        built = bentoml.bentos.build_bentofile(
            str(Path(folder, "bentofile.yaml")), build_ctx=folder
        )
    return str(built.tag)


def _copy(root: Path, folder: Path) -> None:
    """Copy the parts only: walking a whole checkout with its environment takes long."""
    for part in _PARTS:
        if (root / part).is_dir():
            shutil.copytree(
                root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(root / part, folder / part)
