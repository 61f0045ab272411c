"""What a use case answers, before it is put into an envelope."""

from dataclasses import dataclass

from lxml import etree

from smev.message import Status


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one operation: its status and the element inside AppData.

    `subject_id` is our own id of the person whose data the answer holds, for the audit stream.
    """

    status: Status
    content: etree._Element
    subject_id: str | None = None
