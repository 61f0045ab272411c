"""Reading and writing the text of XML elements; dates in the lexical form of XML Schema."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from lxml import etree

from smev.errors import SmevError

# Longer texts are refused although the schema sets no bound: no code, name or number in a service
# block comes near, and whatever keeps, indexes or prints them may rely on it (docs/divergences.md).
_MAX_CHARS = {"Code": 200, "RequestIdRef": 200, "OriginRequestIdRef": 200, "CaseNumber": 500}
_MAX_CHARS_OF_OTHERS = 2_000
_ALWAYS_SHORT_ENOUGH = min(_MAX_CHARS.values())
# XML Schema knows years that no message can be from, and that datetime can't hold or shift.
FIRST_YEAR, LAST_YEAR = 1900, 2999

# xs:dateTime. Source: XML Schema Part 2, 3.2.7; digits are ASCII ones only.
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?"
    r"(?:(Z)|([+-])([0-9]{2}):([0-9]{2}))?"
)
# A year before the common era, or of more than four digits.
_YEAR_BEYOND = re.compile(r"-[0-9]{4,}-|[0-9]{5,}-")
_XML_SPACE = " \t\r\n"
_XML_SPACES = re.compile(f"[{_XML_SPACE}]+")


def local_name(element: etree._Element) -> str:
    """Return the element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: etree._Element) -> str:
    """Return the whole text of an element, as its canonical form shows it without comments.

    Raises SmevError `schema.invalid` when the element has children or an overlong text.
    """
    text = element.text or ""
    if len(element):
        text += "".join(_tail_of_comment(child) for child in element)
    if len(text) > _ALWAYS_SHORT_ENOUGH and is_too_long(text, local_name(element)):
        raise SmevError(
            "schema.invalid",
            f"{local_name(element)} is too long",
            path=path_of(element),
            kind="value.length",
        )
    return text


def path_of(element: etree._Element) -> str:
    """Return the element's place by local names, from the top: `/Message/Sender/Code`."""
    above = [local_name(one) for one in element.iterancestors()]
    return "/" + "/".join([*reversed(above), local_name(element)])


def is_too_long(text: str, name: str) -> bool:
    """Tell whether the element of this local name can't hold a text of this length."""
    return len(text) > _MAX_CHARS.get(name, _MAX_CHARS_OF_OTHERS)


def _tail_of_comment(child: etree._Element) -> str:
    # Only a comment may interrupt a value: `ORIG<!-- -->INAL` reads as it is signed.
    if not isinstance(child, etree._Comment):
        raise SmevError("schema.invalid", "an element stands where text is expected")
    return child.tail or ""


def collapse(text: str) -> str:
    """Return the text with its white space collapsed. Source: XML Schema Part 2, 4.3.6."""
    if text.isalnum():  # no white space in it: nearly every code
        return text
    return " ".join(part for part in _XML_SPACES.split(text) if part)


def read_date_time(element: etree._Element, *, default_timezone: tzinfo) -> datetime:
    """Return an element's xs:dateTime; see `parse_date_time`."""
    try:
        return parse_date_time(text_of(element), default_timezone=default_timezone)
    except SmevError as error:
        raise SmevError(
            error.code, error.detail, path=error.path or path_of(element), kind=error.kind
        ) from None


def parse_date_time(text: str, *, default_timezone: tzinfo) -> datetime:
    """Return an xs:dateTime as an aware moment; without a zone it is in `default_timezone`.

    Fractions are cut to microseconds, 24:00:00 is the next day's midnight. Raises SmevError
    `schema.invalid` when it isn't an xs:dateTime or its year is outside 1900-2999.
    """
    stripped = text.strip(_XML_SPACE)
    match = _DATE_TIME.fullmatch(stripped)
    if match is None and _YEAR_BEYOND.match(stripped):
        raise SmevError("schema.invalid", "Date is outside the years 1900-2999", kind="value.range")
    if match is None:
        raise SmevError("schema.invalid", "Date is not an xs:dateTime", kind="value.type")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction = match[7] or ""
    midnight = (hour, minute, second, fraction.strip("0")) == (24, 0, 0, "")
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise SmevError("schema.invalid", "Date is outside the years 1900-2999", kind="value.range")
    try:
        moment = datetime(
            year,
            month,
            day,
            0 if midnight else hour,
            minute,
            second,
            int(fraction[:6].ljust(6, "0")),
            tzinfo=_zone(match, default_timezone),
        )
    except ValueError:
        raise SmevError("schema.invalid", "Date is not an xs:dateTime", kind="value.type") from None
    return moment + timedelta(days=1) if midnight else moment


def _zone(match: re.Match[str], default: tzinfo) -> tzinfo:
    if match[8]:
        return UTC
    if not match[9]:
        return default
    hours, minutes = int(match[10]), int(match[11])
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise SmevError("schema.invalid", "Date has an impossible time zone", kind="value.type")
    shift = timedelta(hours=hours, minutes=minutes)
    if not shift:
        return UTC
    return timezone(shift if match[9] == "+" else -shift)


def format_date_time(moment: datetime) -> str:
    """Return an aware moment as an xs:dateTime with its zone.

    A zone that XML Schema can't express (seconds, over 14 hours) is turned into UTC. Raises
    SmevError `message.unwritable` when the moment is naive or its year is outside 1900-2999.
    """
    shift = moment.utcoffset()
    if shift is None:
        raise SmevError("message.unwritable", "a date without a time zone")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise SmevError("message.unwritable", "a date outside the years 1900-2999")
    if shift % timedelta(minutes=1) or abs(shift) > timedelta(hours=14):
        moment = moment.astimezone(UTC)
    return moment.isoformat()
