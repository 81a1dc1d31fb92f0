"""Which language a caller reads: content negotiation by `Accept-Language` (RFC 9110, 12.5.4).

Invariant: only what an officer reads depends on it; figures, identifiers and codes never do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from features.language import ENGLISH, LANGUAGES, Language, language

if TYPE_CHECKING:
    from starlette.requests import Request

ACCEPT_LANGUAGE: dict[str, Any] = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "Languages for the sentences, by preference; English where none fits",
    "schema": {"type": "string", "examples": list(LANGUAGES)},
}
CONTENT_LANGUAGE: dict[str, Any] = {
    "Content-Language": {
        "description": "Language of the sentences",
        "schema": {"type": "string", "enum": list(LANGUAGES)},
    }
}


def language_of(request: Request) -> Language:
    """Choose the language that a request asks for first, of whichever country."""
    asked = parse_accept_header(request.headers.get("accept-language"), LanguageAccept)
    codes = (tag.partition("-")[0].lower() for tag, quality in asked if quality > 0)
    return language(next((code for code in codes if code in LANGUAGES), ENGLISH.code))


def answered(body: str, spoken: Language) -> Response:
    """Answer JSON whose sentences are in a language."""
    headers = {"Content-Language": spoken.code, "Vary": "Accept-Language"}
    return Response(body, media_type="application/json", headers=headers)
