"""The documented path that a request's path is one of, for logs and metrics.

Invariant: there are no more answers than documented paths and one, whatever is asked.
"""

from collections.abc import Iterable

from starlette.routing import compile_path

__all__ = ["OTHER", "Templates"]

OTHER = "other"


class Templates:
    """The paths of `/openapi.json`.

    Parameters
    ----------
    paths : iterable of str
        Such as ``/v1/scores/{score_id}``.

    Examples
    --------
    >>> templates = Templates(["/livez", "/v1/scores/{score_id}"])
    >>> templates.of("/v1/scores/5f0c"), templates.of("/etc/passwd")
    ('/v1/scores/{score_id}', 'other')
    """

    def __init__(self, paths: Iterable[str] = ()) -> None:
        every = list(paths)
        self._exact = frozenset(path for path in every if "{" not in path)
        self._patterns = [(compile_path(path)[0], path) for path in every if "{" in path]

    def of(self, path: str) -> str:
        """Name the documented path, or `other`."""
        if path in self._exact:
            return path
        return next((one for pattern, one in self._patterns if pattern.match(path)), OTHER)
