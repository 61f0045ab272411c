"""A reply for people to read."""

from collections.abc import Iterator

from lxml import etree
from rich.markup import escape as escape_markup

from ops.commands.context import AppContext, printable
from ops.exchange import ReplyReport


def escape(text: str) -> str:
    """Return a foreign text as the screen may show it."""
    return escape_markup(printable(text))


def show_reply(app: AppContext, report: ReplyReport) -> None:
    """Print who answered, whether the signature holds, and what the answer is."""
    say, screen = app.texts, app.screen
    colour = "green" if report.verified else "red"
    who = f" — {escape(report.subject)}" if report.subject else ""
    screen.print(f"{say('Signature')}: [{colour}]{say(report.signature)}[/]{who}")
    if report.fault_code is not None:
        screen.print(f"{say('Fault')}: [red]{escape(report.fault_code)}[/]")
        screen.print(f"{say('Description')}: {escape(report.fault_text or '')}")
        if report.journal_id:
            screen.print(f"{say('Journal id')}: {report.journal_id}")
        return
    if report.message is None:
        return
    message = report.message
    screen.print(f"{say('Status')}: [bold]{message.status.value}[/]")
    screen.print(f"{say('Sender')}: {escape(message.sender.code)} {escape(message.sender.name)}")
    screen.print(f"{say('Date')}: {message.date.isoformat(timespec='seconds')}")
    screen.print(f"{say('Answers message')}: {escape(message.request_id_ref or '')}")
    if report.content is not None:
        for line in _lines(app, report.content):
            screen.print(line)


def _lines(app: AppContext, element: etree._Element, depth: int = 0) -> Iterator[str]:
    """Yield the content as indented lines; a rich Tree would cut long values off in a pipe."""
    label, children = app.texts(etree.QName(element).localname), list(element)
    value = "" if children else f" [bold]{escape(element.text or '')}[/]"
    yield f"{'  ' * depth}{label}:{value}"
    for child in children:
        yield from _lines(app, child, depth + 1)
