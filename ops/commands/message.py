"""kontingent message: make, sign, check and send messages by hand."""

from pathlib import Path

import click

from ops import exchange
from ops.clock import utc_now
from ops.commands.context import (
    AppContext,
    Seconds,
    json_option,
    pass_app,
    print_json,
    read_input,
    read_whole_input,
    write_output,
)
from ops.commands.reply_view import show_reply
from ops.commands.verification import choose_trust, providers_of, verify
from ops.config import AgencySection
from ops.errors import ConfigError, ExitCode
from ops.identities import load_signer
from signing.xml.canonical import canonicalize
from signing.xml.parser import parse_document
from signing.xml.transform import transform_canonical, transform_document


@click.group()
def message() -> None:
    """Messages of the exchange, by hand.

    Example: kontingent message verify signed.xml --trust pki/ca.pem
    """


message.add_command(verify)


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
@click.option(
    "--key", required=True, type=click.Path(path_type=Path), help="Private key: PKCS#8 or PKCS#12."
)
@click.option(
    "--cert", type=click.Path(path_type=Path), help="Its certificate; PKCS#12 holds one already."
)
@click.option("-o", "--output", metavar="OUT", help="Where to; standard output by default.")
@click.option(
    "--password-env", metavar="NAME", help="Environment variable with the key's password."
)
@click.option("--personal", is_flag=True, help="The PersonalSignature of SMEV 3's content.")
@pass_app
def sign(
    app: AppContext,
    file: str,
    *,
    key: Path,
    cert: Path | None,
    output: str | None,
    password_env: str | None,
    personal: bool,
) -> None:
    """Sign a message of SMEV 2 or SMEV 3 as its sender; FILE may be - for standard input.

    Example: kontingent message sign request.xml --key agency.key --cert agency.pem -o signed.xml
    """
    password = exchange.password_from(password_env)
    signer = load_signer(providers_of(app), key, cert, password=password)
    write_output(exchange.sign_request(read_input(file), signer, personal=personal), output)


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
    providers, message = providers_of(app), read_whole_input(file)
    # First: who can't be judged should not be asked.
    trust = choose_trust(app, providers, trust_file, no_trust=no_trust)
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
@click.argument("file")
@click.option("--c14n", "canonical", is_flag=True, help="Exclusive C14N first, as in a signature.")
def transform(file: str, *, canonical: bool) -> None:
    """Write what the SMEV 3 transform makes of a file, byte for byte; - is standard input.

    Without --c14n the file is taken as it is: comments and instructions divide the text around
    them. With it the file is read as a message is, and instructions are refused.

    Example: kontingent message transform request.xml --c14n > transformed.xml
    """
    data = read_input(file)
    if canonical:
        write_output(transform_canonical(canonicalize(parse_document(data))), None)
    else:
        write_output(transform_document(data), None)


def _find_agency(agencies: tuple[AgencySection, ...], name: str | None) -> AgencySection:
    for agency in agencies:
        stems = {Path(file).stem for file in agency.certificates}
        if name is None or name in {agency.code, agency.name} | stems:
            return agency
    known = ", ".join(agency.code for agency in agencies) or "none"
    raise ConfigError(f"no agency {name!r} (known: {known})", code="config.agency_unknown")
