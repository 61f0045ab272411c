"""kontingent log: the journal of messages."""

import getpass
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import click
from rich.markup import escape
from rich.table import Table
from sqlalchemy.engine import Engine

from journal.codec import DecodedRecord, decode_record
from journal.records import RecordKind
from ops.commands.context import AppContext, json_option, pass_app, print_json, printable
from ops.errors import ExitCode, OpsError
from ops.masking import mask_fields, mask_message
from ops.printing import one_line
from ops.wiring import open_audit, open_store
from store.journal_reader import JournalReader, StoredRecord


@click.group()
def log() -> None:
    """The journal: every message, as received and as decided.

    Example: kontingent log list --status FAULT
    """


@log.command(name="list")
@click.option("--limit", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option(
    "--status",
    type=click.Choice(["RESULT", "REJECT", "INVALID", "FAULT"], case_sensitive=False),
    help="Only messages decided so.",
)
@click.option("--operation", help="Only messages of this operation.")
@click.option("--sender", help="Only messages of this sender code.")
@json_option
@pass_app
def list_messages(
    app: AppContext,
    limit: int,
    status: str | None,
    operation: str | None,
    sender: str | None,
    *,
    as_json: bool,
) -> None:
    """List the newest messages first.

    Example: kontingent log list --status FAULT --limit 50
    """
    engine = open_store(app.config)
    try:
        rows = JournalReader(engine).list_messages(
            limit=limit, status=status, operation=operation, sender_code=sender
        )
    finally:
        engine.dispose()
    if as_json:
        for row in rows:
            print_json(_row(row))
        return
    if not rows:
        filtered = any(each is not None for each in (status, operation, sender))
        told = "No message matches." if filtered else "The journal is empty."
        app.screen.print(app.texts(told))
        return
    # A beginning is enough for `log show`; in a pipe ids are there to be copied whole.
    time_chars, id_chars = (19, 8) if app.screen.is_terminal else (None, None)
    table = Table(box=None, pad_edge=False)
    for header in ("time", "message", "peer", "operation", "sender", "status", "fault", "size"):
        table.add_column(app.texts(header), no_wrap=True)
    for row in rows:
        table.add_row(
            row.at.astimezone().isoformat(sep=" ", timespec="milliseconds")[:time_chars],
            str(row.message_id)[:id_chars],
            escape(one_line(row.peer)),
            escape(one_line(row.operation or "—")),
            escape(one_line(row.sender_code or "—")),
            row.status or f"[yellow]{app.texts('not decided')}[/]",
            escape(one_line(row.fault_code or "")),
            str(row.size_bytes),
        )
    app.screen.print(table)


@log.command()
@click.argument("message_id", metavar="ID")
@click.option("--unmask", is_flag=True, help="Show personal data; needs --reason, is recorded.")
@click.option("--reason", help="Why the personal data are looked at.")
@json_option
@pass_app
def show(
    app: AppContext, message_id: str, reason: str | None, *, unmask: bool, as_json: bool
) -> None:
    """Show one message: its two records, the checks, request and reply.

    ID is the message's id, or its beginning when no other begins so.

    Example: kontingent log show 6f7e1f3a
    """
    if unmask and not (reason and reason.strip()):
        raise OpsError("reason.missing", "--unmask needs --reason TEXT", exit_code=ExitCode.USAGE)
    engine = open_store(app.config)
    try:
        records = _find(engine, message_id)
    finally:
        engine.dispose()
    if unmask:
        audit = open_audit(app.config)
        audit.unmasked(message_id=records[0].message_id, operator=_operator(), reason=reason or "")
        audit.close()
    for record in records:
        decoded = decode_record(record.meta, record.body)
        if not unmask:
            decoded = replace(decoded, fields=mask_fields(decoded.fields))
        if as_json:
            body = _body(decoded, unmask=unmask)
            place = {"sequence": record.sequence, "kind": record.kind}
            size = {"size_bytes": decoded.size_bytes, "sha256": decoded.sha256}
            print_json({**place, **decoded.fields, **size, "body": body})
        else:
            _show_record(app, record, decoded, unmask=unmask)


def _show_record(
    app: AppContext, record: StoredRecord, decoded: DecodedRecord, *, unmask: bool
) -> None:
    say, screen = app.texts, app.screen
    screen.print(f"[bold]── {say(record.kind)} · {record.sequence}[/]")
    for name, value in decoded.fields.items():
        if name == "verdicts":
            checks = ", ".join(_check(*verdict) for verdict in value)
            screen.print(f"{say('checks')}: {checks}")
        elif value not in (None, "", {}):
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
            screen.print(printable(f"{name}: {shown}"), markup=False)
    what = say("request" if record.kind == RecordKind.RECEIVED else "reply")
    body = _body(decoded, unmask=unmask)
    screen.print(f"{what}: {decoded.size_bytes}, sha256 {decoded.sha256}")
    screen.print("—" if body is None else printable(body), markup=False)


def _check(name: str, passed: Any, reason: str) -> str:
    return f"[green]{name}[/]" if passed else f"[red]{name} ({escape(one_line(reason))})[/]"


def _body(decoded: DecodedRecord, *, unmask: bool) -> str | None:
    if decoded.body is None:
        return None
    if unmask:
        return decoded.body.decode("utf-8", "backslashreplace")
    return mask_message(decoded.body, ours=decoded.kind is RecordKind.DECIDED)


def _row(row: Any) -> dict[str, object]:
    return {
        "message_id": str(row.message_id),
        "at": row.at.isoformat(),
        "direction": row.direction,
        "transport": row.transport,
        "peer": row.peer,
        "service": row.service,
        "operation": row.operation,
        "sender_code": row.sender_code,
        "status": row.status,
        "fault_code": row.fault_code,
        "size_bytes": row.size_bytes,
    }


def _find(engine: Engine, text: str) -> tuple[StoredRecord, ...]:
    reader = JournalReader(engine)
    ids = reader.find_ids(text.lower())
    if len(ids) != 1:
        told = "no such message" if not ids else "more than one message begins so"
        raise OpsError("message.not_found", f"{text}: {told}")
    records: tuple[StoredRecord, ...] = tuple(reader.get(UUID(str(ids[0]))))
    return records


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
