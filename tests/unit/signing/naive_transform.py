"""The SMEV 3 transform said a second time: slow, from a tree, rule by rule."""

from __future__ import annotations

from lxml import etree

_REFERENCES = {"<": "&lt;", "&": "&amp;", "\r": "&#xd;"}
_IN_ATTRIBUTES = {**_REFERENCES, '"': "&quot;", "\n": "&#xa;", "\t": "&#x9;"}


def transform(root: etree._Element) -> bytes:
    """Return the transform of a tree without comments and instructions."""
    return "".join(_write(root, [], [0])).encode()


def _write(element: etree._Element, scope: list[tuple[str, str]], count: list[int]) -> list[str]:
    scope = list(scope)
    name, declared = etree.QName(element), []

    def find(uri: str) -> str:
        for known, prefix in scope:
            if known == uri:
                return prefix
        count[0] += 1
        scope.append((uri, f"ns{count[0]}"))
        declared.append(f' xmlns:ns{count[0]}="{_value(uri)}"')
        return f"ns{count[0]}"

    tag = f"{find(name.namespace or '')}:{name.localname}"
    attributes = []
    for key in sorted(map(etree.QName, element.attrib), key=_order):
        prefix = find(key.namespace) + ":" if key.namespace else ""
        attributes.append(f' {prefix}{key.localname}="{_value(element.get(key) or "")}"')
    parts = [f"<{tag}", *declared, *attributes, ">", write_text(element.text or "")]
    for child in element:
        parts += [*_write(child, scope, count), write_text(child.tail or "")]
    return [*parts, f"</{tag}>"]


def _order(key: etree.QName) -> tuple[bool, bytes, bytes]:
    uri = key.namespace or ""
    return not uri, uri.encode("utf-16-be"), key.localname.encode("utf-16-be")


def _value(text: str) -> str:
    return "".join(_IN_ATTRIBUTES.get(character, character) for character in text)


def write_text(text: str) -> str:
    """Return one run of text by rule 8, character by character."""
    if all(character <= " " for character in text):
        return ""
    length = len(text.encode("utf-16-be")) // 2
    parts: list[str] = []
    units, before, escaped = 0, "", False
    for character in text:
        if character == ">":
            if length < 12:
                escape = units == 0 or before == "]"
            else:
                escape = units % 512 == 0 or before == "]" or escaped
            escaped = escape
            parts.append("&gt;" if escape else ">")
        else:
            escaped = character in _REFERENCES
            parts.append(_REFERENCES.get(character, character))
        before = character
        units += 2 if character > "\uffff" else 1
    return "".join(parts)
