"""What did somebody fill in on a page? Fields and files of a plain form, sent by our own page."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from api.context import BODY_LIMIT, TooLarge
from carecoord.errors import Forbidden
from carecoord.flows.intake import Attached

_FILES, _FIELDS = 10, 400


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: name → values in order, and name → files that are not empty."""

    values: Mapping[str, list[str]] = field(default_factory=dict)
    files: Mapping[str, list[Attached]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """The first value of a field without blanks around it; empty when it was left out."""
        return (self.values.get(name) or [""])[0].strip()

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return list(self.values.get(name, ()))


async def _filled(request: Request) -> Filled:
    """Read a form.

    Raises
    ------
    Forbidden
        `page.form.foreign`: a page of another site sent it.
    TooLarge
        `http.too_large`.
    """
    origin = request.headers.get("origin", "")
    if origin and urlsplit(origin).netloc != request.headers.get("host", ""):
        raise Forbidden("page.form.foreign", origin=origin)
    limit: int = getattr(request.app.state, "body_limit", BODY_LIMIT)
    announced = request.headers.get("content-length", "")
    if not announced.isdigit() or int(announced) > limit:
        raise TooLarge("http.too_large", limit=limit)
    values: dict[str, list[str]] = {}
    files: dict[str, list[Attached]] = {}
    async with request.form(max_files=_FILES, max_fields=_FIELDS) as form:
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                values.setdefault(name, []).append(value)
            elif value.filename:
                data = base64.b64encode(await value.read()).decode()
                kind = (value.content_type or "").partition(";")[0]
                files.setdefault(name, []).append(Attached(value.filename[:200], kind, data))
    return Filled(values, files)


FormNow = Annotated[Filled, Depends(_filled)]
