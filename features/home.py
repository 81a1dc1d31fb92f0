"""Where an installation keeps its state: one folder, and what replaces its parts.

Everything the embedded default writes lies below the home; the folder is readable by its owner
only, because it holds the key that pseudonyms are made with.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from features.errors import TidewaiterError

__all__ = ["COMPILED", "Home"]

_KEY_BYTES = 32

# Names where statements may be kept that follow from the code alone.
COMPILED = "TIDEWAITER_COMPILED"

# Each library's own switch; all must stand before the library is imported.
_ENVIRONMENT = {
    # Threads that wait must sleep: spinning ones take the cores of whoever else works here.
    "OMP_WAIT_POLICY": "PASSIVE",
    "BENTOML_DO_NOT_TRACK": "True",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "1",
    "OTEL_SDK_DISABLED": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}
# Compiled code is kept beside its source, else in the user's cache; where neither may be written
# to, as in a service's container, in the home.
_COMPILED = ("InTreeCacheLocator", "UserWideCacheLocator", "UserProvidedCacheLocator")


@dataclass(frozen=True)
class Home:
    """The folder of one installation, and a database of its own choice where it has one.

    Examples
    --------
    >>> Home(Path("/srv/tidewaiter")).database_url
    'sqlite:////srv/tidewaiter/tidewaiter.db'
    """

    path: Path
    database: str | None = None

    @classmethod
    def find(cls, option: Path | None = None) -> Home:
        """Take the home from the option, else from ``TIDEWAITER_HOME``, else ``./var``."""
        chosen = option or Path(os.environ.get("TIDEWAITER_HOME") or "var")
        return cls(chosen.expanduser().absolute())

    @property
    def database_url(self) -> str:
        """SQLAlchemy URL of the store; ``TIDEWAITER_DATABASE_URL`` replaces the embedded one."""
        chosen = self.database or os.environ.get("TIDEWAITER_DATABASE_URL")
        return chosen or f"sqlite:///{self.path}/tidewaiter.db"

    @property
    def tracking_uri(self) -> str:
        """MLflow's tracking URI; ``MLFLOW_TRACKING_URI`` replaces the embedded database."""
        return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{self.path}/mlflow.db"

    @property
    def artifact_root(self) -> Path:
        """Where MLflow keeps artefacts when it is embedded."""
        return self.path / "mlartifacts"

    @property
    def bentoml_home(self) -> Path:
        """BentoML's own folder."""
        return self.path / "bentoml"

    @property
    def last_good(self) -> Path:
        """Where copies of the models that served last are kept."""
        return self.path / "last_good"

    @property
    def pseudonym_path(self) -> Path:
        """The file of the key that pseudonyms are made with."""
        return self.path / "pseudonym.key"

    @property
    def rejected(self) -> Path:
        """Where rejected rows are kept with their reasons."""
        return self.path / "rejected"

    def prepare(self) -> Home:
        """Make the folder; set what libraries read when imported, telemetry off above all."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ.update(_ENVIRONMENT)
        os.environ["BENTOML_HOME"] = str(self.bentoml_home)
        self.bentoml_home.mkdir(exist_ok=True)
        os.environ.setdefault(COMPILED, str(self.path / "compiled"))
        if "NUMBA_CACHE_DIR" not in os.environ:
            os.environ["NUMBA_CACHE_DIR"] = str(self.path / "numba")
            os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = ",".join(_COMPILED)
        return self

    def pseudonym_key(self) -> bytes:
        """Read the 32-byte key of the pseudonyms, made on first use and readable by the owner only.

        Losing it means that new records no longer join the old ones.

        Raises
        ------
        TidewaiterError
            Where the file holds something else.
        """
        path = self.pseudonym_path
        if not path.exists():
            # Linked only once it is written: processes that start together read one whole key.
            draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES))
            with suppress(FileExistsError):
                path.hardlink_to(draft)
            draft.unlink()
        try:
            key = bytes.fromhex(path.read_text().strip())
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise TidewaiterError(f"expected {2 * _KEY_BYTES} hexadecimal digits in {path}")
        return key
