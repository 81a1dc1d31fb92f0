"""What the service writes down: one JSON object a line, each with the request it belongs to.

Invariant: no line holds what a record, a header or a key said. An exception is told by its type and
by where it was raised; its message and the values around it may repeat records, so they are left
out.
"""

import json
import logging.config
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.tracebacks import ExceptionDictTransformer

__all__ = ["configure_logs", "json_formatter"]

Event = MutableMapping[str, Any]
_traced = ExceptionDictTransformer(show_locals=False)


def configure_logs(stream: str = "ext://sys.stdout") -> None:
    """Write the logs of this process, and its warnings, as JSON lines.

    Parameters
    ----------
    stream : str
        Where to, as `logging.config` names it.
    """
    handler = {"class": "logging.StreamHandler", "stream": stream, "formatter": "json"}
    logging.captureWarnings(capture=True)
    # Nothing is told of these, and looking them up takes as long as writing the line.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"json": {"()": json_formatter}},
            "handlers": {"json": handler},
            "root": {"level": "WARNING", "handlers": ["json"]},
            "loggers": {
                "serving": {"level": "INFO"},
                "bentoml": {"level": "INFO", "handlers": [], "propagate": True},
                "uvicorn.error": {"level": "WARNING", "handlers": [], "propagate": True},
                "circus": {"level": "WARNING", "handlers": [], "propagate": True},
            },
        }
    )


def json_formatter() -> logging.Formatter:
    """Write any library's log records as JSON lines."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _tell_where,
            _keep_first_line,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(_written),
        ],
    )


def _written(event: Event, **options: Any) -> str:
    try:
        return orjson.dumps(event, **options).decode()
    except TypeError:  # such as text that is no Unicode
        return json.dumps(event, **options)


def _tell_where(_: object, __: str, event: Event) -> Event:
    """Replace an exception by its types and places, outermost cause last."""
    raised = event.pop("exc_info", None)
    if raised:
        event["exception"] = [_places(stack) for stack in _traced(raised)]
    return event


def _places(stack: Event) -> Event:
    frames = [f"{one['filename']}:{one['lineno']} {one['name']}" for one in stack["frames"]]
    return {"type": stack["exc_type"], "frames": frames}


def _keep_first_line(_: object, __: str, event: Event) -> Event:
    """Cut a message where libraries begin to quote what they worked on."""
    event["event"] = str(event["event"]).partition("\n")[0]
    return event
