"""Does a value keep to a profile?"""

from typing import TYPE_CHECKING, Any

from fhir_profiles.fhirpath import SyntaxFaultError, compile_text, holds
from fhir_profiles.fhirpath.values import Bare
from fhir_profiles.findings import Place, Severity
from fhir_profiles.items import Item, items_of
from fhir_profiles.primitives import shown
from fhir_profiles.profile import Discriminator, Node, Profile
from fhir_profiles.structure import Codes, resource_types
from fhir_profiles.targets import target_type
from fhir_profiles.wire import Json, dumps

if TYPE_CHECKING:
    from fhir_profiles.walk import Walk


def check_profile(walk: "Walk", value: Json, profile: Profile, place: Place, kind: str) -> None:
    """Note everything in which a value breaks a profile."""
    _Check(walk, profile.url).item(Item(value, kind, place), profile.root)


def keeps(walk: "Walk", value: Json, profile: Profile, kind: str) -> bool:
    """Whether a value keeps a profile; nothing is noted."""
    return not _quietly(walk, profile.url, Item(value, kind, None), profile.root)


def _quietly(walk: "Walk", url: str, item: Item, node: Node) -> bool:
    """Whether the item breaks the node."""
    inner = walk.aside()
    _Check(inner, url).item(item, node)
    return bool(inner.found)


class _Check:
    def __init__(self, walk: "Walk", url: str) -> None:
        self.walk, self.url = walk, url

    def item(self, item: Item, node: Node) -> None:
        """Everything that a node asks of one value."""
        if node.types and item.type not in node.types:
            self.walk.add(
                "fhir.profile_type",
                item.place,
                profile=self.url,
                allowed=", ".join(sorted(node.types)),
            )
            return
        self.value(item, node)
        if node.targets and item.type == "Reference":
            self.target(item, node)
        if item.type in node.profiles:
            self.profiled(item, node.profiles[item.type])
        for rule in node.invariants:
            focus = item.value if item.value is not None else Bare(item.bare)
            if not holds(rule.compiled or rule.function(), focus, self.walk.scope):
                self.walk.add(
                    "fhir.profile_invariant",
                    item.place,
                    profile=self.url,
                    key=rule.key,
                    expression=rule.expression,
                )
        for name, child in node.children.items():
            self.element(item, name, child)

    def element(self, parent: Item, name: str, node: Node) -> None:
        """How often an element occurs, each of its values, and its slices."""
        found = items_of(parent.holder, parent.type, name, parent.place)
        self.amount(node, len(found), name, parent.place)
        for one in found:
            self.item(one, node)
        if node.slices:
            self.sliced(found, node, name, parent.place)

    def amount(self, node: Node, found: int, name: str, place: Place) -> None:
        if node.least is not None and found < node.least:
            self.walk.add(
                "fhir.profile_min",
                place,
                profile=self.url,
                element=name,
                min=node.least,
                found=found,
            )
        if node.most is not None and found > node.most:
            self.walk.add(
                "fhir.profile_max",
                place,
                profile=self.url,
                element=name,
                max=node.most,
                found=found,
            )

    def sliced(self, found: list[Item], node: Node, name: str, place: Place) -> None:
        counts = dict.fromkeys(node.slices, 0)
        for item in found:
            part = self.slice_of(item, node)
            if part is not None:
                counts[part] += 1
                self.item(item, node.slices[part])
            elif node.closed:
                self.walk.add("fhir.profile_closed", item.place, profile=self.url, element=name)
        for part, slice_node in node.slices.items():
            self.amount(slice_node, counts[part], f"{name}:{part}", place)

    def slice_of(self, item: Item, node: Node) -> str | None:
        """Name of the slice that an item is meant to be of; None where it is of none."""
        if node.by_url is not None:
            url = item.value.get("url") if type(item.value) is dict else None
            return node.by_url.get(url) if type(url) is str else None
        for part, slice_node in node.slices.items():
            if self.belongs(item, slice_node, node.discriminators):
                return part
        return None

    def belongs(self, item: Item, node: Node, by: tuple[Discriminator, ...]) -> bool:
        """Whether an item is meant to be of a slice."""
        if not by:
            return not _quietly(self.walk, self.url, item, node)
        return all(self.discriminated(item, node, d) for d in by)

    def discriminated(self, item: Item, node: Node, by: Discriminator) -> bool:
        if by.kind == "type":
            return self.of_type(item, node, by.path)
        if by.kind == "profile":
            return self.of_profile(item, node, by.path)
        steps = [] if by.path == "$this" else by.path.split(".")
        if steps and "(" in by.path:
            return self.by_path(item, node, by)
        return self.along([item], node, steps, by.kind)

    def along(self, items: list[Item], node: Node, steps: list[str], kind: str) -> bool:
        """Whether what lies along a path is what the slice asks there."""
        if not steps:
            if kind == "exists":
                return bool(items) if node.most != 0 else not items
            return any(self.matches(i, node) for i in items)
        child = node.children.get(steps[0])
        if child is None:
            # The slice says nothing of its own there; a profile of the value may.
            return any(self.by_profile(i, node, steps, kind) for i in items)
        below = [j for i in items for j in items_of(i.holder, i.type, steps[0], i.place)]
        if child.slices and len(steps) == 1 and not _says(child):
            return any(self.along(below, part, [], kind) for part in child.slices.values())
        if child.slices and len(steps) > 1:
            parts = [p for p in (child, *child.slices.values()) if steps[1] in p.children]
            return any(self.along(below, part, steps[1:], kind) for part in parts)
        return self.along(below, child, steps[1:], kind)

    def by_profile(self, item: Item, node: Node, steps: list[str], kind: str) -> bool:
        for url in node.profiles.get(item.type, ()):
            profile = self.walk.definitions.profile(url)
            if profile is not None and steps[0] in profile.root.children:
                return self.along([item], profile.root, steps, kind)
        return False

    def matches(self, item: Item, node: Node) -> bool:
        """Whether a value is what the node fixes, here or below; a node that fixes nothing asks
        only that there is one."""
        quiet = _Check(self.walk.aside(), self.url)
        quiet.value(item, node)
        for name, child in node.children.items():
            if _says(child):
                quiet.element(item, name, child)
        return not quiet.walk.found

    def by_path(self, item: Item, node: Node, by: Discriminator) -> bool:
        """Paths through extensions and references."""
        head, _, rest = by.path.partition(").")
        if head.startswith("extension("):
            url = head[len("extension(") :].strip("()'\"")
            own = items_of(item.holder, item.type, "extension", item.place)
            chosen = [e for e in own if type(e.value) is dict and e.value.get("url") == url]
            part = next(
                (
                    p
                    for p in node.children.get("extension", Node()).slices.values()
                    if url in p.profiles.get("Extension", ()) or _fixed_url(p) == url
                ),
                None,
            )
            return (
                bool(chosen) if part is None else self.along(chosen, part, rest.split("."), by.kind)
            )
        try:
            compiled = compile_text(by.path)
        except SyntaxFaultError:
            return False
        return bool(compiled([item.value], self.walk.scope))

    def of_type(self, item: Item, node: Node, path: str) -> bool:
        if path == "$this":
            return item.type in node.types if node.types else True
        if path.endswith("resolve()"):
            allowed = {self.type_name(t) for t in self.targets_of(node, path)}
            held = item.value
            for step in path.split(".")[:-1]:
                held = held.get(step, {}) if type(held) is dict else {}
            kind = target_type(held, self.walk.scope.root) if type(held) is dict else ""
            return kind in allowed
        below = items_of(item.holder, item.type, path, item.place)
        child = node.children.get(path)
        if child is None:
            return False
        wanted = child.types or frozenset(child.profiles)
        return any(i.type in wanted for i in below)

    def targets_of(self, node: Node, path: str) -> tuple[str, ...]:
        for step in path.split(".")[:-1]:
            node = node.children.get(step, Node())
        return node.targets

    def type_name(self, target: str) -> str:
        if target in resource_types():
            return target
        known = self.walk.definitions.profile(target)
        return known.type if known else ""

    def of_profile(self, item: Item, node: Node, path: str) -> bool:
        below, part = [item], node
        if path not in ("$this", "resolve()"):
            below = items_of(item.holder, item.type, path, item.place)
            part = node.children.get(path, Node())
        for one in below:
            urls = part.profiles.get(one.type, ())
            for url in urls:
                profile = self.walk.definitions.profile(url)
                if (
                    profile is not None
                    and type(one.value) is dict
                    and keeps(self.walk, one.value, profile, one.type)
                ):
                    return True
        return False

    def value(self, item: Item, node: Node) -> None:
        """Fixed values, patterns and bindings."""
        if node.fixed is not None and not _same(item.value, node.fixed):
            self.walk.add(
                "fhir.profile_fixed", item.place, profile=self.url, wanted=_shown(node.fixed)
            )
        if node.pattern is not None and not _contains(item.value, node.pattern):
            self.walk.add(
                "fhir.profile_pattern", item.place, profile=self.url, wanted=_shown(node.pattern)
            )
        if node.codes:
            codes = self.walk.definitions.codes_of(node.codes)
            if codes is not None and not _bound(item, codes):
                # Units are mostly bound by their code; a binding of the whole Quantity is advice.
                severity: Severity = "warning" if item.type == "Quantity" else "error"
                self.walk.add(
                    "fhir.profile_codes",
                    item.place,
                    severity,
                    profile=self.url,
                    set=node.codes,
                    sent=_shown(item.value),
                )

    def target(self, item: Item, node: Node) -> None:
        if type(item.value) is not dict:
            return
        kind = target_type(item.value, self.walk.scope.root)
        allowed = {self.type_name(t) for t in node.targets}
        if kind and "" not in allowed and kind not in allowed:
            names = ", ".join(sorted(allowed))
            self.walk.add(
                "fhir.profile_target", item.place, profile=self.url, type=kind, allowed=names
            )

    def profiled(self, item: Item, urls: tuple[str, ...]) -> None:
        known = [p for url in urls if (p := self.walk.definitions.profile(url)) is not None]
        if not known or len(known) < len(urls) or type(item.value) is not dict:
            return
        if len(known) == 1:
            if item.type == "Extension" and not self.walk.quiet and _is_told(item.value, known[0]):
                return
            check_profile(self.walk, item.value, known[0], item.place, item.type)
        elif not any(keeps(self.walk, item.value, p, item.type) for p in known):
            self.walk.add(
                "fhir.profile_none", item.place, profile=self.url, allowed=", ".join(urls)
            )


def _is_told(extension: Json, profile: Profile) -> bool:
    """Whether the extension names that definition: then it has been checked where it stands."""
    url = extension.get("url")
    return type(url) is str and ":" in url and url.partition("|")[0] == profile.url


def _says(node: Node) -> bool:
    """Whether a node, or one below it, fixes a value."""
    if node.fixed is not None or node.pattern is not None or node.codes:
        return True
    return any(_says(child) for child in node.children.values())


def _fixed_url(node: Node) -> Any:
    return node.children.get("url", Node()).fixed


def _bound(item: Item, codes: Codes) -> bool:
    value = item.value
    if type(value) is str:
        return codes.has(value)
    if type(value) is not dict:
        return value is None
    if item.type == "CodeableConcept":
        inside = [c for c in value.get("coding", ()) if type(c) is dict]
        return any(_has(codes, c) for c in inside)
    return "code" not in value or _has(codes, value)


def _has(codes: Codes, coding: Json) -> bool:
    return codes.has_coding(str(coding.get("system", "")), str(coding.get("code", "")))


def _same(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, bool) or isinstance(value, bool):
        return value is wanted
    if type(wanted) is dict and type(value) is dict:
        return value.keys() == wanted.keys() and all(_same(value[k], wanted[k]) for k in wanted)
    if type(wanted) is list and type(value) is list:
        return len(value) == len(wanted) and all(map(_same, value, wanted))
    return bool(value == wanted)


def _contains(value: Any, wanted: Any) -> bool:
    """Whether a value has everything of a pattern; lists in any order."""
    if type(wanted) is dict:
        return type(value) is dict and all(
            k in value and _contains(value[k], w) for k, w in wanted.items()
        )
    if type(wanted) is list:
        return type(value) is list and all(any(_contains(v, w) for v in value) for w in wanted)
    return _same(value, wanted)


def _shown(value: Any) -> str:
    return shown(dumps(value) if type(value) is dict else str(value))
