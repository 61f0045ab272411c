"""kontingent message: make, sign, check and send messages by hand."""

from datetime import datetime
from pathlib import Path

import click
from rich.markup import escape

from ops import exchange
from ops.clock import utc_now
from ops.commands.context import (
    AppContext,
    Seconds,
    json_option,
    pass_app,
    print_json,
    printable,
    read_input,
    read_whole_input,
    write_output,
)
from ops.commands.reply_view import show_reply
from ops.config import AgencySection
from ops.errors import ConfigError, ExitCode, OpsError
from ops.identities import load_signer, load_trust, read_certificates
from signing.errors import SigningError
from signing.inspection import SignatureReport, Verdict, inspect_signatures
from signing.providers import Providers, load_providers
from signing.trust import TrustPolicy, TrustStore


@click.group()
def message() -> None:
    """Messages of the exchange, by hand.

    Example: kontingent message verify signed.xml --trust pki/ca.pem
    """


@message.command()
@click.argument("operation")
@click.option("--agency", metavar="NAME", help="Who asks: code, name or certificate name.")
@pass_app
def sample(app: AppContext, operation: str, agency: str | None) -> None:
    """Write an unsigned sample request for OPERATION to standard output.

    Example: kontingent message sample FindStudent --agency agency-gost > request.xml
    """
    sender = _find_agency(app.config.agencies, agency)
    data = exchange.sample_request(
        operation, sender=sender, gateway=app.config.gateway, date=utc_now()
    )
    write_output(data, None)


@message.command()
@click.argument("file")
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Private key, PEM.")
@click.option("--cert", required=True, type=click.Path(path_type=Path), help="Its certificate.")
@click.option("-o", "--output", metavar="OUT", help="Where to; standard output by default.")
@click.option(
    "--password-env", metavar="NAME", help="Environment variable with the key's password."
)
def sign(file: str, key: Path, cert: Path, output: str | None, password_env: str | None) -> None:
    """Sign an envelope as its sender; FILE may be - for standard input.

    Example: kontingent message sign request.xml --key agency.key --cert agency.pem -o signed.xml
    """
    password = exchange.password_from(password_env)
    signer = load_signer(load_providers(), key, cert, password=password)
    write_output(exchange.sign_request(read_input(file), signer), output)


@message.command()
@click.argument("file")
@click.option("--url", required=True, help="The service's address.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(),
    default=30.0,
    show_default=True,
    help="Seconds to wait for the whole reply.",
)
@click.option("--no-trust", is_flag=True, help="Check the reply's signature only.")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Authorities, PEM.")
@click.option("--raw", is_flag=True, help="Print the reply as it came.")
@json_option
@pass_app
def send(
    app: AppContext,
    file: str,
    url: str,
    timeout_s: float,
    *,
    no_trust: bool,
    trust_file: Path | None,
    raw: bool,
    as_json: bool,
) -> None:
    """Send a signed message, print the reply, and verify it.

    Exit code 1 when the reply is a Fault, its signature doesn't hold, or it answers another
    operation.

    Example: kontingent message send signed.xml --url http://127.0.0.1:8080/smev2/students
    """
    providers, message = load_providers(), read_whole_input(file)
    # First: who can't be judged should not be asked.
    trust = _choose_trust(app, providers, trust_file, no_trust=no_trust)
    reply = exchange.post(url, message, timeout_s=timeout_s)
    report = exchange.read_reply(reply, providers, trust=trust, at=utc_now(), request=message)
    if raw:
        write_output(reply, None)
    elif as_json:
        print_json(report.as_row())
    else:
        show_reply(app, report)
    if report.fault_code is not None or not report.verified:
        raise click.exceptions.Exit(ExitCode.FOUND)


@message.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--no-trust", is_flag=True, help="Check the signature only, not who signed.")
@click.option("--trust", "trust_file", type=click.Path(path_type=Path), help="Authorities, PEM.")
@click.option("--at", "at_text", metavar="TIME", help="Check certificates as at this ISO time.")
@json_option
@pass_app
def verify(
    app: AppContext,
    files: tuple[str, ...],
    *,
    no_trust: bool,
    trust_file: Path | None,
    at_text: str | None,
    as_json: bool,
) -> None:
    """Check every signature of messages of SMEV 2 and SMEV 3; - is standard input.

    Exit code 0 only when there is a signature and all are valid.

    Example: kontingent message verify signed.xml --trust pki/ca.pem
    """
    providers = load_providers()
    trust = _choose_trust(app, providers, trust_file, no_trust=no_trust)
    at = utc_now() if at_text is None else _moment(at_text)
    worst = max(
        _verify_file(app, file, providers, trust=trust, at=at, as_json=as_json) for file in files
    )
    if worst is not ExitCode.OK:
        raise click.exceptions.Exit(worst)


def _verify_file(
    app: AppContext,
    file: str,
    providers: Providers,
    *,
    trust: TrustStore | None,
    at: datetime,
    as_json: bool,
) -> ExitCode:
    try:
        data = read_input(file)
    except OpsError as error:
        click.echo(f"error: {error}", err=True)
        return error.exit_code
    try:
        reports = inspect_signatures(data, providers, trust=trust, at=at)
    except SigningError as error:
        _print_unreadable(app, file, error.code, error.detail, as_json=as_json)
        return ExitCode.FOUND
    if not reports:
        _print_unreadable(app, file, "signature.missing", "no signature", as_json=as_json)
        return ExitCode.FOUND
    for report in reports:
        if as_json:
            print_json({"file": file, **_row(report)})
        else:
            verdict = app.texts(report.verdict.value)
            colour = "green" if report.verdict is Verdict.VALID else "red"
            signed = ", ".join(report.signed)
            tail = f" — {report.reason}" if report.reason else ""
            app.screen.print(
                f"{_show(file)} [{report.index}] {_show(signed)}: "
                f"[{colour}]{verdict}[/]{_show(tail)}\n    {_show(report.subject)}"
            )
    valid = all(report.verdict is Verdict.VALID for report in reports)
    return ExitCode.OK if valid else ExitCode.FOUND


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


def _print_unreadable(app: AppContext, file: str, code: str, detail: str, *, as_json: bool) -> None:
    if as_json:
        report = SignatureReport(
            index=0,
            signed=(),
            algorithm="",
            digest="",
            subject="",
            verdict=Verdict.INVALID,
            reason=code,
        )
        print_json({"file": file, **_row(report)})
    else:
        app.screen.print(f"{_show(file)}: [red]{code}[/] {_show(detail)}")


def _show(text: str) -> str:
    return escape(printable(text))


def _choose_trust(
    app: AppContext, providers: Providers, file: Path | None, *, no_trust: bool
) -> TrustStore | None:
    if no_trust:
        if file is not None:
            raise ConfigError("--no-trust and --trust contradict each other")
        return None
    if file is not None:
        return TrustStore(TrustPolicy(anchors=read_certificates(file)), providers)
    if not app.has_config:
        raise ConfigError("nobody to trust: give --trust PEM, --config FILE, or --no-trust")
    return load_trust(app.config, providers)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at if at.tzinfo else at.astimezone()
    except (ValueError, OverflowError):
        raise OpsError(
            "time.malformed", f"{text!r}: an ISO time is expected", exit_code=ExitCode.USAGE
        ) from None


def _find_agency(agencies: tuple[AgencySection, ...], name: str | None) -> AgencySection:
    for agency in agencies:
        stems = {Path(file).stem for file in agency.certificates}
        if name is None or name in {agency.code, agency.name} | stems:
            return agency
    known = ", ".join(agency.code for agency in agencies) or "none"
    raise ConfigError(f"no agency {name!r} (known: {known})", code="config.agency_unknown")
