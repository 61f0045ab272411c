"""How the SMEV 3 transform writes texts and values: as the reference program's library does.

Source: МР СМЭВ 3.3.0.0, appendix 4, and Woodstox, the library that it runs on. Lengths are in
UTF-16 code units, since they are Java's.
"""

from __future__ import annotations

import re

# The reference program's library writes shorter texts in one piece, longer ones block by block.
_SHORTEST_LONG_TEXT = 12
_BLOCK = 512
# In one piece: `>` where it is the first character, or could end a CDATA section.
_SHORT = re.compile(r"(?:\A|(?<=\]))>|[<&\r]")
# In a block also after every reference, so that a whole row of `>` becomes references.
_LONG = re.compile(r"(?:\A|(?<=[\]<&\r]))>+|[<&\r]")
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_ATTRIBUTE = re.compile(r'[<&"\r\n\t]')
_REFERENCES = {
    "<": "&lt;",
    ">": "&gt;",
    "&": "&amp;",
    '"': "&quot;",
    "\r": "&#xd;",
    "\n": "&#xa;",
    "\t": "&#x9;",
}


def escape_attribute(value: str) -> str:
    """Return an attribute's value or a namespace as it is written; `>` stays."""
    return _ATTRIBUTE.sub(_refer, value)


def escape_text(run: str) -> str:
    """Return a run of text as it is written: what becomes of `>` depends on its place."""
    if ">" not in run:
        return run.replace("&", "&amp;").replace("<", "&lt;").replace("\r", "&#xd;")
    units = _ASTRAL.sub(_split_pair, run)
    if len(units) < _SHORTEST_LONG_TEXT:
        return _SHORT.sub(_refer, run)
    blocks = (units[start : start + _BLOCK] for start in range(0, len(units), _BLOCK))
    text = "".join(_LONG.sub(_refer, block) for block in blocks)
    if len(units) == len(run):
        return text
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be")


def _refer(match: re.Match[str]) -> str:
    """Return the references for one character, or for a row of the same."""
    return _REFERENCES[match[0][0]] * len(match[0])


def _split_pair(match: re.Match[str]) -> str:
    """Return the two UTF-16 code units of a character."""
    number = ord(match[0]) - 0x10000
    return chr(0xD800 + (number >> 10)) + chr(0xDC00 + (number & 0x3FF))
