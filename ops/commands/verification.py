"""kontingent message verify: a verdict on every signature, and why it is so."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click
from rich.markup import escape

from ops.clock import utc_now
from ops.commands.context import (
    AppContext,
    json_option,
    pass_app,
    print_json,
    printable,
    read_input,
)
from ops.errors import ConfigError, ExitCode, OpsError
from ops.identities import choose_providers, load_trust, read_certificates
from signing.errors import SigningError
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import Providers, load_providers
from signing.xml.explanation import Explanation, explain_signature
from signing.xml.inspection import Document, SignatureReport, Verdict, inspect_document
from smev.errors import SmevError
from smev.message_file import split_messages

# A signature with its explanation, where one was asked for.
_SHOWN_BYTES = 2**20
_Finding = tuple[SignatureReport, Explanation | None]


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--no-trust", is_flag=True, help="Check the signature only, not who signed.")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Authorities, PEM.")
@click.option("--at", "at_text", metavar="TIME", help="Check certificates as at this ISO time.")
@click.option("--explain", is_flag=True, help="Show what was digested, and the likely cause.")
@json_option
@pass_app
def verify(
    app: AppContext,
    files: tuple[str, ...],
    *,
    no_trust: bool,
    trust_file: Path | None,
    at_text: str | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Check every signature of messages of SMEV 2 and SMEV 3; - is standard input.

    A file may hold one message, several one after the other, or a multipart message (MTOM). Exit
    code 0 only when there is a signature and all are valid.

    Example: kontingent message verify signed.xml --trust pki/ca.pem
    """
    providers = providers_of(app)
    trust = choose_trust(app, providers, trust_file, no_trust=no_trust)
    at = utc_now() if at_text is None else _moment(at_text)
    worst = ExitCode.OK
    for file in files:
        try:
            data = read_input(file)
        except OpsError as error:
            click.echo(f"error: {error}", err=True)
            worst = max(worst, error.exit_code)
            continue
        findings, unreadable = _inspect(data, providers, trust=trust, at=at, explain=explain)
        for report, explanation in findings:
            _print(app, file, report, explanation, as_json=as_json)
        for report in unreadable:
            _print_unreadable(app, file, report, as_json=as_json)
        valid = all(report.verdict is Verdict.VALID for report, _ in findings)
        if unreadable or not valid:
            worst = max(worst, ExitCode.FOUND)
    if worst is not ExitCode.OK:
        raise click.exceptions.Exit(worst)


def providers_of(app: AppContext) -> Providers:
    """Return what the configuration chooses, or what is there when there is none."""
    return choose_providers(app.config) if app.has_config else load_providers()


def choose_trust(
    app: AppContext, providers: Providers, file: Path | None, *, no_trust: bool
) -> TrustStore | None:
    """Return whom to believe: a file's authorities, the configuration's, or None (no matter who).

    Raises ConfigError.
    """
    if no_trust:
        if file is not None:
            raise ConfigError("--no-trust and --trust contradict each other")
        return None
    if file is not None:
        return TrustStore(TrustPolicy(anchors=read_certificates(file)), providers)
    if not app.has_config:
        raise ConfigError("nobody to trust: give --trust PEM, --config FILE, or --no-trust")
    return load_trust(app.config, providers)


def _inspect(
    data: bytes, providers: Providers, *, trust: TrustStore | None, at: datetime, explain: bool
) -> tuple[list[_Finding], list[SignatureReport]]:
    """Return the signatures of all messages of a file, and what is in it that is no message."""
    findings: list[_Finding] = []
    unreadable: list[SignatureReport] = []
    try:
        documents = [_read(message) for message in split_messages(data)]
    except SmevError as error:
        return [], [_unreadable(0, error.code)]
    if not any(isinstance(document, Document) for document in documents):
        # One broken message falls to pieces, none of which is one.
        documents = documents[:1]
    for document in documents:
        if isinstance(document, SigningError):
            unreadable.append(_unreadable(len(findings), document.code))
            continue
        reports = inspect_document(document, providers, trust=trust, at=at)
        if not reports:
            unreadable.append(_unreadable(len(findings), "signature.missing"))
        for report in reports:
            explanation = explain_signature(document, report, providers) if explain else None
            findings.append((replace(report, index=len(findings)), explanation))
    return findings, unreadable


def _read(message: bytes) -> Document | SigningError:
    try:
        return Document(message)
    except SigningError as error:
        return error


def _unreadable(index: int, code: str) -> SignatureReport:
    return SignatureReport(
        index=index,
        signed=(),
        algorithm="",
        digest="",
        subject="",
        verdict=Verdict.INVALID,
        reason=code,
    )


def _print(
    app: AppContext,
    file: str,
    report: SignatureReport,
    explanation: Explanation | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        row: dict[str, object] = {"file": file, **_row(report)}
        if explanation is not None:
            row["explanation"] = _explanation_row(explanation)
        print_json(row)
        return
    verdict = app.texts(report.verdict.value)
    colour = "green" if report.verdict is Verdict.VALID else "red"
    signed = ", ".join(report.signed)
    tail = f" — {report.reason}" if report.reason else ""
    app.screen.print(
        f"{_show(file)} [{report.index}] {_show(signed)}: "
        f"[{colour}]{verdict}[/]{_show(tail)}\n    {_show(report.subject)}"
    )
    if explanation is not None:
        _print_explanation(app, explanation)


def _print_explanation(app: AppContext, explanation: Explanation) -> None:
    holds = app.texts("holds") if explanation.value_holds else app.texts("does not hold")
    sentence = app.texts(explanation.sentence)
    lines = [
        f"{app.texts('Likely cause')}: {explanation.cause.value} — {sentence}",
        f"SignatureValue: {holds}",
        f"SignedInfo, {app.texts('digest')} {explanation.signed_info_digest}:",
        _text(explanation.signed_info),
    ]
    for one in explanation.references:
        lines += [
            f"Reference {one.uri} ({one.target or '—'}), {one.digest_method}",
            *(f"  {transform}" for transform in one.transforms),
            f"  {app.texts('expected')} {one.expected}",
            f"  {app.texts('found')}    {one.found or '—'}",
            _text(one.canonical),
        ]
    for line in lines:
        app.screen.print(f"    {_show(line)}")


def _print_unreadable(
    app: AppContext, file: str, report: SignatureReport, *, as_json: bool
) -> None:
    if as_json:
        print_json({"file": file, **_row(report)})
    else:
        app.screen.print(f"{_show(file)}: [red]{report.reason}[/]")


def _row(report: SignatureReport) -> dict[str, object]:
    return {
        "index": report.index,
        "signed": list(report.signed),
        "algorithm": report.algorithm,
        "digest": report.digest,
        "subject": report.subject,
        "verdict": report.verdict.value,
        "reason": report.reason,
    }


def _explanation_row(explanation: Explanation) -> dict[str, object]:
    return {
        "cause": explanation.cause.value,
        "sentence": explanation.sentence,
        "value_holds": explanation.value_holds,
        "signed_info": {
            "canonical": _text(explanation.signed_info),
            "digest": explanation.signed_info_digest,
        },
        "references": [
            {
                "uri": one.uri,
                "target": one.target,
                "transforms": list(one.transforms),
                "digest_method": one.digest_method,
                "canonical": _text(one.canonical),
                "expected": one.expected,
                "found": one.found,
                "matches": one.matches,
            }
            for one in explanation.references
        ],
    }


def _text(canonical: bytes) -> str:
    """Canonical XML is UTF-8 by its definition; of a large one the beginning is shown."""
    text = canonical[:_SHOWN_BYTES].decode("utf-8", "replace")
    return text if len(canonical) <= _SHOWN_BYTES else f"{text}… ({len(canonical)} bytes)"


def _show(text: str) -> str:
    return escape(printable(text))


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.astimezone()
    except (ValueError, OverflowError):
        raise OpsError(
            "time.malformed", f"{text!r}: an ISO time is expected", exit_code=ExitCode.USAGE
        ) from None
