"""The answers that every operation can give: a reasoned refusal, and a list of problems."""

from collections.abc import Iterable

from lxml import etree

from gateway.outcomes import Answer
from registry.problems import Problem
from smev.message import Status


def refuse(namespace: str, code: str, description: str) -> Answer:
    """Return a REJECT: the request is understood, the answer is no, and this is why."""
    refusal = etree.Element(f"{{{namespace}}}Refusal", nsmap={None: namespace})
    etree.SubElement(refusal, f"{{{namespace}}}Code").text = code
    etree.SubElement(refusal, f"{{{namespace}}}Description").text = description
    return Answer(status=Status.REJECT, content=refusal)


def invalidate(namespace: str, problems: Iterable[Problem]) -> Answer:
    """Return an INVALID with every problem found in the values of a request."""
    root = etree.Element(f"{{{namespace}}}Problems", nsmap={None: namespace})
    for problem in problems:
        item = etree.SubElement(root, f"{{{namespace}}}Problem")
        etree.SubElement(item, f"{{{namespace}}}Code").text = problem.code
        if problem.field:
            etree.SubElement(item, f"{{{namespace}}}Field").text = problem.field
        etree.SubElement(item, f"{{{namespace}}}Description").text = problem.message_ru
    return Answer(status=Status.INVALID, content=root)
