"""One signed exchange by an installed package, with no test library: run by other interpreters.

Usage: python one_exchange.py FOLDER   (FOLDER made by `kontingent init --demo --dir FOLDER`)
Prints the status of the reply to a GOST and to an RSA request, in that order.
"""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from ops.config import load_config
from ops.exchange import read_reply, sample_request, sign_request
from ops.identities import load_trust
from ops.wiring import build_gateway
from signing.providers import load_providers


def main(folder: Path) -> None:
    """Ask for the demonstration's pupil through the WSGI application."""
    config, providers = load_config(folder / "kontingent.toml", {}), load_providers()
    gateway = build_gateway(config)
    for agency in config.agencies:
        stem = folder / agency.certificates[0].removesuffix(".pem")
        signer = providers.load_signer(
            stem.with_suffix(".key").read_bytes(), stem.with_suffix(".pem").read_bytes()
        )
        now = datetime.now(UTC)
        request = sign_request(
            sample_request("FindStudent", sender=agency, gateway=config.gateway, date=now), signer
        )
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/smev2/students",
            "CONTENT_TYPE": "text/xml; charset=utf-8",
            "CONTENT_LENGTH": str(len(request)),
            "wsgi.input": io.BytesIO(request),
        }
        reply = b"".join(gateway.wire(environ, lambda *_: lambda _: None))  # type: ignore[arg-type,return-value]
        report = read_reply(reply, providers, trust=load_trust(config, providers), at=now)
        assert report.verified, report.signature
        print(report.message.status if report.message else report.fault_code)
    gateway.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
