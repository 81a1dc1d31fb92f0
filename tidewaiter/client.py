"""Ask a service from Python: score records, tell what was decided, take facts in, read a score.

Invariant: a call is sent again only where there was no connection or the service said to come again
(429, 503). As the same records again change nothing, nothing is there twice.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from httpx_retries import Retry, RetryTransport
from pydantic import BaseModel
from pydantic_core import to_json

from features.errors import TidewaiterError
from serving.answers import RecordsAnswer, Score, ScoresAnswer

__all__ = ["Client", "ServiceError"]

Record = Mapping[str, Any]
_Model = TypeVar("_Model", bound=BaseModel)
_NOT_BEGUN = (httpx.ConnectError, httpx.ConnectTimeout)
_COME_AGAIN = (429, 503)
_NONE_GOOD = 422


class ServiceError(TidewaiterError):
    """The service refused a call, or could not be reached.

    Parameters
    ----------
    detail : str
        What was expected and what came.
    status : int, optional
        HTTP status; None where there was no answer.
    request_id : str, optional
        Names the call in the service's log.
    """

    def __init__(
        self, detail: str, status: int | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.request_id = request_id


class Client:
    """A connection to a service, to be used by one thread at a time or by several.

    Parameters
    ----------
    url : str
        Where the service is, without ``/v1``.
    key : str
        A key made by ``tidewaiter keys create``.
    timeout_s : float
        How long to wait for one answer.
    retries : int
        How often a call may be sent again; waits grow from a fraction of a second, and are what
        ``Retry-After`` says where the service says it.
    verify : bool or SSLContext
        How to verify the service's certificate.
    language : str
        What sentences are said in, as ``Accept-Language`` has it, such as ``nl``.

    Examples
    --------
    >>> with Client("http://127.0.0.1:3000", "tw_...") as service:  # doctest: +SKIP
    ...     answer = service.score([{"declaration_id": "26NL1", ...}])
    ...     answer.scores[0].risk, answer.scores[0].reasons[0].text
    """

    def __init__(  # noqa: PLR0913 - named, and each with a default but where and who
        self,
        url: str,
        key: str,
        *,
        timeout_s: float = 60,
        retries: int = 5,
        verify: bool | SSLContext = True,
        language: str = "en",
    ) -> None:
        patience = Retry(
            total=retries,
            allowed_methods=("GET", "POST"),
            status_forcelist=_COME_AGAIN,
            retry_on_exceptions=_NOT_BEGUN,
            backoff_factor=0.1,
            max_backoff_wait=timeout_s,
        )
        self._http = httpx.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Accept-Language": language},
            timeout=timeout_s,
            transport=RetryTransport(httpx.HTTPTransport(verify=verify), patience),
        )

    def score(self, records: Sequence[Record], subject: str = "shipments") -> ScoresAnswer:
        """Score records, at most 1,000 a call; those that failed are in ``errors``."""
        return self._filed(ScoresAnswer, f"/v1/{quote(subject)}/score", records, scores=[])

    def take_in(self, kind: str, records: Sequence[Record]) -> RecordsAnswer:
        """Hand in facts of a kind, at most 1,000 a call; those that failed are in ``errors``."""
        nothing = {"accepted": 0, "unchanged": 0, "amended": 0}
        return self._filed(RecordsAnswer, f"/v1/records/{quote(kind)}", records, **nothing)

    def decide(
        self,
        subject: str,
        subject_id: str,
        result: str,
        *,
        inspection_id: str | None = None,
        known_at: datetime | None = None,
        **found: Any,
    ) -> RecordsAnswer:
        """Tell what was decided of a shipment or a crossing: an inspection and its result.

        Parameters
        ----------
        subject, subject_id : str
            ``shipments`` or ``crossings``, and the declaration or crossing.
        result : str
            ``clear``, ``offence`` or ``inconclusive``.
        inspection_id : str, optional
            Your own number. With it, telling the same twice is one inspection, and telling
            otherwise amends it; without it, each call is an inspection of its own.
        known_at : datetime, optional
            When the result was known; now, without it.
        found : other fields of an inspection, such as ``offence`` and ``item_number``.
        """
        inspection = {
            "inspection_id": inspection_id or str(uuid.uuid4()),
            "subject": subject,
            "subject_id": subject_id,
            "known_at": (known_at or datetime.now(UTC)).isoformat(),
            "result": result,
        }
        return self.take_in("inspections", [inspection | found])

    def read_score(self, score_id: str) -> Score:
        """Read a score again."""
        return _read(Score, self._good("GET", f"/v1/scores/{quote(score_id, safe='')}"))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Use the client in a ``with`` statement."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _filed(
        self, answer: type[_Model], path: str, records: Sequence[Record], **nothing: Any
    ) -> _Model:
        """Post records; where none was good, the answer is one of nothing but errors."""
        body = to_json({"records": list(records)}, inf_nan_mode="constants")
        said = self._sent("POST", path, content=body, headers={"Content-Type": "application/json"})
        errors = _json(said).get("errors") if said.status_code == _NONE_GOOD else None
        if errors:
            return answer.model_validate({**nothing, "errors": errors}, extra="ignore")
        return _read(answer, _checked(said))

    def _good(self, method: str, path: str) -> httpx.Response:
        return _checked(self._sent(method, path))

    def _sent(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)
        except httpx.TransportError as error:
            raise ServiceError(
                f"expected an answer of {self._http.base_url}, got none: {error!r}"
            ) from error


def _read(model: type[_Model], answer: httpx.Response) -> _Model:
    """Read an answer; a newer service may say more than this version knows."""
    return model.model_validate_json(answer.content, extra="ignore")


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    said = _json(answer).get("detail") or answer.reason_phrase
    detail = f"{answer.request.url.path} answered {answer.status_code}: {said}"
    raise ServiceError(detail, answer.status_code, answer.headers.get("x-request-id"))


def _json(answer: httpx.Response) -> dict[str, Any]:
    """Read problem details; what stands between may answer something else."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
