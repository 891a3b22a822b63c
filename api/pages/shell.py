"""What every page has around its content: templates, language, security headers, error pages."""

from collections.abc import Callable, Coroutine
from functools import cache
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import URL

from api.context import language_of
from api.pages.links import Links
from api.pages.words import Words
from api.problems import status_of
from carecoord.errors import CareError
from carecoord.text.catalogue import LANGUAGES, Language, negotiate

# No inline script or style anywhere: a name that slips through as markup can do nothing.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # An address names a staff member and a day: it must not travel to other sites.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "private, no-cache",
    "Vary": "Accept-Language",
}
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@cache
def environment() -> Environment:
    """The templates: escaping everywhere, an unknown name is an error."""
    return Environment(
        loader=PackageLoader("api.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def spoken(request: Request) -> Words:
    """The language of a page: `?lang=` of its address, else what the browser accepts."""
    return Words(language_of(request))


def links(request: Request) -> Links:
    """Addresses that keep a language chosen in the address of this request."""
    lang = request.query_params.get("lang")
    return Links(Words(negotiate(lang)).tag if lang else "")


def render(template: str, words: Words, to: Links, here: str, **context: object) -> str:
    """A whole page as text. `here` is its own address, for the link to the other language."""
    return (
        environment()
        .get_template(template)
        .render(words=words, t=words.t, to=to, switch=_switch(words.language, here), **context)
    )


def page(
    request: Request, template: str, status: int = HTTPStatus.OK, **context: object
) -> Response:
    """A whole page as an answer."""
    here = str(request.url.replace(scheme="", netloc=""))
    text = render(template, spoken(request), links(request), here, **context)
    return HTMLResponse(text, status)


class PageRoute(APIRoute):
    """A route of people, not of programs: its errors are pages, all its answers carry HEADERS."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await inner(request)
            except CareError as error:
                response = error_page(request, error)
            except RequestValidationError:
                response = error_page(request, None)
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return handle


def error_page(request: Request, error: CareError | None) -> Response:
    """What went wrong and the next step. `None`: an address of no known form, such as a bad day."""
    status = status_of(error) if error else HTTPStatus.NOT_FOUND
    words = spoken(request)
    detail = words.t(error.code, **error.facts) if error else words.t("page.error.address")
    title = words.named("error", error.category if error else "missing")
    return page(request, "error.html", status, title=title, detail=detail, number=int(status))


def _switch(language: Language, here: str) -> tuple[str, str, str]:
    """Tag, name and address of this page in the other language."""
    other = next(one for one in LANGUAGES if one != language)
    words = Words(other)
    return words.tag, words.t("page.language"), str(URL(here).include_query_params(lang=words.tag))
