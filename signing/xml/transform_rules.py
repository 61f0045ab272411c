"""The rules of the SMEV 3 transform, whatever its input was read from.

Source: МР СМЭВ 3.3.0.0, appendix 1 (the algorithm) and 4 (the reference program in Java). Where the
text is silent, the rules are what the reference program writes with the XML library it runs on;
lengths and order are in UTF-16 code units, since they are Java's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import Any

from signing import namespaces as ns
from signing.errors import SignatureError
from signing.xml.canonical import MAX_CANONICAL_BYTES
from signing.xml.transform_escapes import escape_attribute, escape_text

# What is declared once in the input is declared on each of many siblings in the output.
MAX_TRANSFORMED_BYTES = MAX_CANONICAL_BYTES
# No namespace is so long; a longer one would make every comparison of attributes dear.
MAX_NAMESPACE_CHARS = 4096
# Distinct tags worth remembering; a hostile document has no two alike.
_MAX_REMEMBERED = 4096

# The characters up to U+0020 that XML has: text of nothing else is dropped.
_BLANK = " \t\n\r"
# What may stand in a name, but not at its beginning (XML 1.0, NameChar without NameStartChar).
_NOT_FIRST = re.compile("[-.0-9\u00b7\u0300-\u036f\u203f\u2040]")
_XMLNS = "http://www.w3.org/2000/xmlns/"


@dataclass(frozen=True, slots=True)
class Tag:
    """What a start tag becomes: the same wherever it stands in the same scope.

    Prefixes are put in when it is written, since a scope that is entered again has new ones.
    """

    name: str
    """As in the input."""
    end_tag: str
    """Its end tag in the input, without the `<`."""
    is_plain: bool
    """It is written as `<prefix:local>` and changes no scope."""
    namespace: str
    tail: str
    """`:local>`."""
    template: str | None
    """The tag with a `%s` for every prefix and value; None when it is `<prefix:local>`."""
    pick: Callable[[list[str]], Any]
    """Takes the template's arguments out of the prefixes of `uses`, followed by all values."""
    uses: tuple[str, ...]
    declares: tuple[tuple[str, str], ...]
    """Prefix and namespace, as in the input."""
    hides: tuple[tuple[str, str | None], ...]
    """The same prefixes, with what they meant outside."""
    writes: tuple[str, ...]
    """The namespaces that the output declares here."""
    inner: dict[Hashable, Tag] | None
    """The scope of its content; None when it is the scope around."""


class Fragment:
    """The output, as it grows by tags and texts in document order.

    A scope is what prefixes of the input mean, and which namespaces the output has declared. It is
    a dict of the start tags read in it so far. Every step takes time by the size of what it is
    given, however much is open or was written.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._open: list[tuple[Tag, str, dict[Hashable, Tag]]] = []
        self._scope: dict[Hashable, Tag] = {}
        self._meanings: dict[str, str] = {}
        self._prefixes: dict[str, str] = {}
        self._count = 0
        self._remembered = 0
        self._declared_chars = 0

    def find_tag(self, key: Hashable) -> Tag | None:
        """Return the tag that `learn_tag` was given with this key in this scope."""
        return self._scope.get(key)

    def learn_tag(self, key: Hashable, name: str, attributes: Sequence[tuple[str, str]]) -> Tag:
        """Return what `read_tag` does, and remember it in this scope.

        The key has to stand for all of the tag but the values of attributes.
        """
        tag = self.read_tag(name, attributes)
        if self._remembered < _MAX_REMEMBERED:
            self._remembered += 1
            self._scope[key] = tag
        return tag

    def read_tag(self, name: str, attributes: Sequence[tuple[str, str]]) -> Tag:
        """Return what a start tag becomes here; ``attributes`` with declarations. May raise."""
        declares = _read_declarations(attributes)
        prefix, local = _split_name(name)
        namespace = self._resolve(prefix, declares)
        if namespace == ns.XML:
            raise SignatureError("transform.xml_element", "an element of the xml: namespace")
        if not namespace:
            raise SignatureError("transform.no_namespace", "an element without a namespace")
        found = self._read_attributes(attributes, declares)
        # A dict for its order: what the element needs first, then its attributes (rule 7).
        uses = tuple(dict.fromkeys([namespace, *(one.namespace for one in found if one.namespace)]))
        writes = tuple(each for each in uses if each not in self._prefixes)
        template, order = _make_template(local, writes, found, uses)
        return Tag(
            name=name,
            end_tag=f"/{name}>",
            is_plain=not (found or writes or declares),
            namespace=namespace,
            tail=f":{local}>",
            template=template if found or writes else None,
            pick=itemgetter(*order),
            uses=uses,
            declares=tuple(declares.items()),
            hides=tuple((each, self._meanings.get(each)) for each in declares),
            writes=writes,
            inner={} if declares or writes else None,
        )

    def start(self, tag: Tag, values: list[str]) -> None:
        """Write a start tag; ``values`` of all its attributes, escaped, in the input's order.

        Rule 3: never an empty-element tag. Raises SignatureError ``transform.too_large``.
        """
        if not self._open and self._parts:
            raise malformed("a second root element")
        outer = self._scope
        if tag.inner is not None:
            self._enter(tag)
        name = self._prefixes[tag.namespace] + tag.tail
        if tag.template is None:
            self._parts.append("<" + name)
        else:
            prefixes = [self._prefixes[namespace] for namespace in tag.uses]
            self._parts.append(tag.template % tag.pick(prefixes + values))
        self._open.append((tag, "</" + name, outer))

    def text(self, run: str) -> None:
        """Write a run of text, or drop it when nothing in it is over U+0020 (rule 2)."""
        if not self._open:
            raise malformed("text beside the root element")
        if run[:1] > " " or run.strip(_BLANK):
            self._parts.append(escape_text(run))

    def end(self, name: str) -> None:
        """Write an end tag. Raises SignatureError when it is not the one that is due."""
        if not self._open:
            raise malformed("an end tag without its start tag")
        tag, closing, outer = self._open.pop()
        if tag.name != name:
            raise malformed("an end tag that is not due")
        self._parts.append(closing)
        if tag.inner is not None:
            self._leave(tag, outer)

    def finish(self) -> bytes:
        """Return the output. Raises SignatureError ``transform.malformed`` or ``.too_large``."""
        if self._open or not self._parts:
            raise malformed("unfinished")
        data = "".join(self._parts).encode("utf-8")
        if len(data) > MAX_TRANSFORMED_BYTES:
            raise too_large()
        return data

    def _enter(self, tag: Tag) -> None:
        self._meanings.update(tag.declares)
        for namespace in tag.writes:
            self._count += 1
            self._prefixes[namespace] = f"ns{self._count}"
            self._declared_chars += len(namespace)
        # Nothing else grows by more than a few times; it is counted in the end.
        if self._declared_chars > MAX_TRANSFORMED_BYTES:
            raise too_large()
        if tag.inner is not None:
            self._scope = tag.inner

    def _leave(self, tag: Tag, outer: dict[Hashable, Tag]) -> None:
        for namespace in tag.writes:
            del self._prefixes[namespace]
        for prefix, meaning in tag.hides:
            if meaning is None:
                del self._meanings[prefix]
            else:
                self._meanings[prefix] = meaning
        self._scope = outer

    def _read_attributes(
        self, attributes: Sequence[tuple[str, str]], declares: dict[str, str]
    ) -> list[_Attribute]:
        """Return the attributes without declarations, sorted (rule 5)."""
        found = []
        for place, (name, _) in enumerate(attributes):
            prefix, local = _split_name(name)
            if name == "xmlns" or prefix == "xmlns":
                continue
            namespace = self._resolve(prefix, declares) if prefix else ""
            if namespace == ns.XML:
                raise SignatureError("transform.xml_attribute", "an attribute xml:* is refused")
            found.append(_Attribute(namespace, local, place))
        found.sort(key=_sort_key)
        for one, other in pairwise(found):
            if (one.namespace, one.local) == (other.namespace, other.local):
                raise malformed("an attribute twice")
        return found

    def _resolve(self, prefix: str, declares: dict[str, str]) -> str:
        """Return the namespace of a prefix, '' for no default namespace."""
        if prefix == "xml":
            return ns.XML
        meaning = declares.get(prefix, self._meanings.get(prefix))
        if meaning is None and prefix:
            raise malformed("a prefix that is not declared")
        return meaning or ""


@dataclass(frozen=True, slots=True)
class _Attribute:
    namespace: str
    """'' for an unqualified one."""
    local: str
    place: int
    """Among all attributes in the input."""


def _sort_key(attribute: _Attribute) -> tuple[bool, bytes, bytes]:
    """Qualified ones first, by namespace and local name, both in UTF-16 code units (rule 5)."""
    namespace, local = attribute.namespace, attribute.local
    return not namespace, namespace.encode("utf-16-be"), local.encode("utf-16-be")


def _make_template(
    local: str, writes: Sequence[str], attributes: Sequence[_Attribute], uses: tuple[str, ...]
) -> tuple[str, list[int]]:
    """Return the start tag with `%s` for prefixes and values, and where each is to be found.

    Places count the prefixes of `uses` first, of which the element's own is one, then the values.
    Rules 6 to 8: element, new declarations in the order of need, attributes.
    """
    places = {namespace: place for place, namespace in enumerate(uses)}
    parts, order = [f"<%s:{local}"], [0]
    for namespace in writes:
        parts.append(f' xmlns:%s="{escape_attribute(namespace).replace("%", "%%")}"')
        order.append(places[namespace])
    for each in attributes:
        if each.namespace:
            parts.append(" %s:")
            order.append(places[each.namespace])
        else:
            parts.append(" ")
        parts.append(f'{each.local}="%s"')
        order.append(len(uses) + each.place)
    return "".join((*parts, ">")), order


def _read_declarations(attributes: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return namespaces by prefix, '' the default one. Namespaces in XML 1.0, sections 2.2, 3."""
    declares: dict[str, str] = {}
    for name, namespace in attributes:
        if name != "xmlns" and not name.startswith("xmlns:"):
            continue
        prefix = name[len("xmlns:") :]
        if prefix == "xml" and namespace == ns.XML:
            continue
        if prefix in declares:
            raise malformed("a declaration twice")
        if prefix in {"xml", "xmlns"} or namespace in {ns.XML, _XMLNS}:
            raise malformed("a declaration of what is reserved")
        if prefix and not namespace:
            raise malformed("a prefix without a namespace")
        if len(namespace) > MAX_NAMESPACE_CHARS:
            raise SignatureError("transform.too_complex", "the name of a namespace is too long")
        declares[prefix] = namespace
    return declares


def _split_name(name: str) -> tuple[str, str]:
    """Return prefix, '' for none, and local name. Namespaces in XML 1.0, section 4."""
    prefix, colon, local = name.rpartition(":")
    if (colon and not prefix) or ":" in prefix or not local or _NOT_FIRST.match(local):
        raise malformed("a name that is not qualified as it should")
    return prefix, local


def malformed(detail: str) -> SignatureError:
    """Return the error for what is no fragment of XML."""
    return SignatureError("transform.malformed", detail)


def too_large() -> SignatureError:
    """Return the error for more output than there may be."""
    return SignatureError("transform.too_large", f"more than {MAX_TRANSFORMED_BYTES} bytes")
