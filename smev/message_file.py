"""Messages as they lie in files: one XML document, several one after the other, or MIME.

A multipart file (SOAP with attachments, MTOM) holds the message in its root part; attachments are
left alone. Sources: RFC 2046 §5.1, RFC 2387 (multipart/related), RFC 2045 §6 (transfer encodings).
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re

from smev.errors import SmevError

MAX_MESSAGES = 100
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"
# A tag; possessive, and never past the next "<", so that no input is read twice.
_TAG = re.compile(
    rb"""<(?P<end>/)?(?P<name>[^\s<>/!?"'=][^\s<>/"'=]*+)(?:[^<>"'/]|/(?!>)|"[^"<]*+"|'[^'<]*+')*+(?P<empty>/)?>"""
)
_MISC = re.compile(rb"[ \t\r\n]*+(?P<comment><!--)?")
_SECTIONS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>"))
_HEADER = re.compile(rb"(?im)^(?P<name>[!-9;-~]+)[ \t]*:[ \t]*(?P<value>(?:[^\r\n]|\r?\n[ \t])*)")
_PARAMETER = re.compile(
    rb"""(?i);\s*(?P<name>[a-z0-9-]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s;"]+))"""
)
_BOUNDARY_LINE = re.compile(rb"--(?P<boundary>[0-9A-Za-z'()+_,\-./:=? ]{1,70})\s*\r?\n")


def split_messages(data: bytes) -> list[bytes]:
    """Return the XML documents of a file, in order; at least one, as they stand.

    What they are is not looked at: text that is no XML comes back as one document. Raises
    SmevError ``file.multipart`` (broken MIME), ``file.too_many``.
    """
    text = data.removeprefix(_BOM).lstrip(_SPACE)
    if text and not text.startswith(b"<"):
        part = _find_root_part(text)
        if part is not None:
            return [part]
    return _split_documents(data)


def _split_documents(data: bytes) -> list[bytes]:
    """Cut after every element that nothing is around; from where tags don't match, not at all."""
    found: list[bytes] = []
    opened: list[bytes] = []
    start = position = 0
    while (position := data.find(b"<", position)) >= 0:
        tag = _TAG.match(data, position)
        if tag is None:
            position = _skip_section(data, position)
            continue
        position = tag.end()
        if tag["end"] is None:
            opened.append(tag["name"])
        if tag["end"] is not None or tag["empty"] is not None:
            if not opened or opened.pop() != tag["name"]:
                break
            if not opened:
                found.append(data[start:position].lstrip(_SPACE))
                start = position
        if len(found) > MAX_MESSAGES:
            raise SmevError("file.too_many", f"more than {MAX_MESSAGES} messages in a file")
    rest = data[start:]
    if found and _is_misc(rest):
        found[-1] += rest.rstrip(_SPACE)
    elif not found or rest.strip(_SPACE):
        found.append(rest)
    return found


def _is_misc(rest: bytes) -> bool:
    """Say whether these are comments alone, which may follow a document's element."""
    position = 0
    while (found := _MISC.match(rest, position)) is not None:
        position = found.end()
        if found["comment"] is not None:
            position = rest.find(b"-->", position) + 3
            if position < 3:
                return False
        elif found.start() == position:
            break
    return position == len(rest)


def _skip_section(data: bytes, position: int) -> int:
    """Return where markup goes on that is no tag: behind a comment, CDATA or an instruction."""
    for opening, closing in _SECTIONS:
        if data.startswith(opening, position):
            end = data.find(closing, position + len(opening))
            return len(data) if end < 0 else end + len(closing)
    return position + 1


def _find_root_part(text: bytes) -> bytes | None:
    """Return the root part of a multipart file, None when it is no such file."""
    boundary, start, body = _read_outer(text)
    if boundary is None:
        return None
    # The line end before a boundary belongs to it.
    marker = rb"(?:^|\r?\n)--" + re.escape(boundary)
    pieces = re.split(marker, body)[1:]
    parts = [piece for piece in pieces if not piece.startswith(b"--")]
    if not parts or len(parts) == len(pieces):
        raise SmevError("file.multipart", "a multipart file without its closing boundary")
    read = [_read_part(part) for part in parts]
    for headers, content in read:
        if start is not None and headers.get(b"content-id", b"").strip() == start:
            return content
    of_xml = (content for headers, content in read if b"xml" in headers.get(b"content-type", b""))
    return next(of_xml, read[0][1])


def _read_outer(text: bytes) -> tuple[bytes | None, bytes | None, bytes]:
    """Return the boundary, the root part's Content-ID if it is named, and what they divide."""
    opened = _BOUNDARY_LINE.match(text)
    if opened is not None:
        return opened["boundary"].rstrip(), None, text
    head, separator, body = _cut_head(text)
    kind = _read_headers(head).get(b"content-type", b"") if separator else b""
    if not kind.lower().startswith(b"multipart/"):
        return None, None, text
    named = {
        one["name"].lower(): one["quoted"] if one["quoted"] is not None else one["bare"]
        for one in _PARAMETER.finditer(kind)
    }
    return named.get(b"boundary"), named.get(b"start"), body


def _read_part(part: bytes) -> tuple[dict[bytes, bytes], bytes]:
    """Return headers and decoded content of one part, which begins behind its boundary."""
    line, _, rest = part.partition(b"\n")
    if line.strip(_SPACE):
        raise SmevError("file.multipart", "text behind a boundary")
    if rest.startswith((b"\n", b"\r\n")):
        return {}, rest.lstrip(b"\r\n")
    head, separator, body = _cut_head(rest)
    if not separator:
        raise SmevError("file.multipart", "a part without its content")
    headers = _read_headers(head)
    return headers, _decode(headers.get(b"content-transfer-encoding", b""), body)


def _cut_head(text: bytes) -> tuple[bytes, bytes, bytes]:
    """Cut at the first empty line."""
    found = re.search(rb"\r?\n\r?\n", text)
    if found is None:
        return text, b"", b""
    return text[: found.start()], found.group(), text[found.end() :]


def _read_headers(head: bytes) -> dict[bytes, bytes]:
    return {
        one["name"].lower(): re.sub(rb"\r?\n[ \t]+", b" ", one["value"]).strip()
        for one in _HEADER.finditer(head)
    }


def _decode(encoding: bytes, content: bytes) -> bytes:
    match encoding.strip().lower():
        case b"" | b"7bit" | b"8bit" | b"binary":
            return content
        case b"base64":
            try:
                return base64.b64decode(b"".join(content.split()), validate=True)
            except (binascii.Error, ValueError):
                raise SmevError("file.multipart", "a part that is not base64") from None
        case b"quoted-printable":
            return quopri.decodestring(content)
    raise SmevError("file.multipart", "a transfer encoding not known here")
