"""How is a FHIRPath expression written?

`parse` returns a tree of tuples: `("path", name)`, `("call", name, arguments)`,
`("literal", value)`, `("variable", name)`, `("this",)`, `("index", ...)`, `("dot", left, right)`,
`("binary", operator, left, right)`, `("unary", operator, operand)` and
`("type", operator, left, name)` for `is` and `as`.
"""

import re
from decimal import Decimal
from typing import Any

Node = tuple[Any, ...]


class SyntaxFaultError(ValueError):
    """The text is no FHIRPath expression, or uses a part of the language that is not covered."""


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<date>@(?:T)?[\d][\dT:.Z+-]*)
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<quoted>`[^`]*`)
      | (?P<variable>%(?:`[^`]*`|'[^']*'|[A-Za-z_][\w-]*))
      | (?P<special>\$\w+)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<sign><=|>=|!=|!~|[=~<>|&+\-*/().,\[\]{}])
    )""",
    re.VERBOSE,
)

# Operators of one level bind alike; a later level binds tighter.
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "~", "!=", "!~"),
    (">", "<", ">=", "<="),
    ("|",),
    ("is", "as"),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)
_STRENGTH = {sign: level for level, signs in enumerate(_LEVELS) for sign in signs}


def parse(text: str) -> Node:
    """The tree of an expression.

    Raises
    ------
    SyntaxFaultError
        Not FHIRPath.
    """
    reader = _Reader(_tokens(text), text)
    tree = reader.expression(0)
    if reader.at < len(reader.tokens):
        raise SyntaxFaultError(text)
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise SyntaxFaultError(text)
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: list[tuple[str, str]], text: str) -> None:
        self.tokens, self.text, self.at = tokens, text, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.at += 1
        return token

    def expect(self, sign: str) -> None:
        if self.take()[1] != sign:
            raise SyntaxFaultError(self.text)

    def expression(self, level: int) -> Node:
        left = self.unary()
        while True:
            kind, sign = self.peek()
            strength = _STRENGTH.get(sign) if kind in ("sign", "name") else None
            if strength is None or strength < level:
                return left
            self.take()
            if sign in ("is", "as"):
                left = ("type", sign, left, self.type_name())
            else:
                left = ("binary", sign, left, self.expression(strength + 1))

    def unary(self) -> Node:
        if self.peek() in (("sign", "-"), ("sign", "+")):
            sign = self.take()[1]
            return ("unary", sign, self.unary())
        return self.postfix(self.term())

    def postfix(self, left: Node) -> Node:
        while True:
            token = self.peek()
            if token == ("sign", "."):
                self.take()
                left = ("dot", left, self.invocation())
            elif token == ("sign", "["):
                self.take()
                left = ("item", left, self.expression(0))
                self.expect("]")
            else:
                return left

    def term(self) -> Node:
        kind, text = self.peek()
        if kind == "sign":
            self.take()
            if text == "(":
                inner = self.expression(0)
                self.expect(")")
                return inner
            if text == "{":
                self.expect("}")
                return ("empty",)
            raise SyntaxFaultError(self.text)
        if kind in ("number", "text", "date", "variable"):
            self.take()
            return _constant(kind, text)
        if kind == "name" and text in ("true", "false"):
            self.take()
            return ("literal", text == "true")
        return self.invocation()

    def invocation(self) -> Node:
        kind, text = self.take()
        if kind == "special":
            return ("this",) if text == "$this" else ("special", text)
        if kind == "quoted":
            return ("path", text[1:-1])
        if kind != "name":
            raise SyntaxFaultError(self.text)
        if self.peek() != ("sign", "("):
            return ("path", text)
        self.take()
        arguments: list[Node] = []
        while self.peek() != ("sign", ")"):
            arguments.append(self.expression(0))
            if self.peek() == ("sign", ","):
                self.take()
            elif self.peek() != ("sign", ")"):
                raise SyntaxFaultError(self.text)
        self.take()
        return ("call", text, tuple(arguments))

    def type_name(self) -> str:
        kind, name = self.take()
        if kind not in ("name", "quoted"):
            raise SyntaxFaultError(self.text)
        if self.peek() == ("sign", "."):
            self.take()
            name = self.take()[1]
        return name.strip("`")


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def _constant(kind: str, text: str) -> Node:
    if kind == "number":
        return ("literal", Decimal(text) if "." in text else int(text))
    if kind == "variable":
        return ("variable", text[1:].strip("`'"))
    if kind == "date":
        return ("literal", text[1:].removeprefix("T"))
    plain = re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda m: (
            chr(int(m[1][1:], 16))
            if m[1][0] == "u" and len(m[1]) == 5
            else _ESCAPES.get(m[1], m[1])
        ),
        text[1:-1],
    )
    return ("literal", plain)
