"""Published examples of GOST, and keys in DER put together by hand."""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import core

from signing.algorithms import GOST_256_KEY, GOST_512_KEY, DigestAlgorithm
from signing.certificates import PublicKeyInfo

MESSAGE_1 = b"012345678901234567890123456789012345678901234567890123456789012"
MESSAGE_2 = bytes.fromhex(
    "d1e520e2e5f2f0e82c20d1f2f0e8e1eee6e820e2edf3f6e82c20e2e5fef2fa20f120eceef0ff20f1f2f0e5ebe0ece8"
    "20ede020f5f0e0e1f0fbff20efebfaeafb20c8e3eef0e5e2fb"
)
# RFC 6986 §10: printed there as numbers, most significant byte first.
STREEBOG = {
    (DigestAlgorithm.STREEBOG_256, MESSAGE_1): (
        "00557be5e584fd52a449b16b0251d05d27f94ab76cbaa6da890b59d8ef1e159d"
    ),
    (DigestAlgorithm.STREEBOG_256, MESSAGE_2): (
        "508f7e553c06501d749a66fc28c6cac0b005746d97537fa85d9e40904efed29d"
    ),
    (DigestAlgorithm.STREEBOG_512, MESSAGE_1): (
        "486f64c1917879417fef082b3381a4e211c324f074654c38823a7b76f830ad00"
        "fa1fbae42b1285c0352f227524bc9ab16254288dd6863dccd5b9f54a1ad0541b"
    ),
    (DigestAlgorithm.STREEBOG_512, MESSAGE_2): (
        "28fbc9bada033b1460642bdcddb90c3fb3e56c497ccd0f62b8a2ad4935e85f03"
        "7613966de4ee00531ae60f3b5a47f8dae06915d5f2f194996fcabf2622e6881e"
    ),
}
# GOST R 34.11-94 with the S-box of CryptoPro; the messages of 32 and of 50 bytes are those of
# RFC 5831 §7.3, whose own values are of the S-box for tests.
GOST_94 = {
    b"": "981e5f3ca30c841487830f84fb433e13ac1101569b9c13584ac483234cd656c0",
    b"a": "e74c52dd282183bf37af0079c9f78055715a103f17e3133ceff1aacf2f403011",
    b"abc": "b285056dbf18d7392d7677369524dd14747459ed8143997e163b2986f92fd42c",
    b"message digest": "bc6041dd2aa401ebfa6e9886734174febdb4729aa972d60f549ac39b29721ba0",
    b"This is message, length=32 bytes": (
        "2cefc2f7b7bdc514e18ea57fa74ff357e7fa17d652c75f69cb1be7893ede48eb"
    ),
    b"Suppose the original message has length = 50 bytes": (
        "c3730c5cbccacf915ac292676f21e8bd4ef75331d9405e5f1a61dc3130a65011"
    ),
}


class Parameters(core.Sequence):  # type: ignore[misc]
    """Of a GOST key, well-formed or not."""

    _fields = [  # noqa: RUF012
        ("set", core.ObjectIdentifier),
        ("digest", core.ObjectIdentifier, {"optional": True}),
        ("cipher", core.ObjectIdentifier, {"optional": True}),
        ("more", core.Integer, {"optional": True}),
    ]


def gost_key_info(
    parameter_set: str,
    x: int,
    y: int,
    *,
    key_oid: str = GOST_256_KEY,
    digest: str | None = "1.2.643.7.1.1.2.2",
    cipher: str | None = None,
    more: int | None = None,
    width: int = 32,
) -> bytes:
    """SubjectPublicKeyInfo of RFC 9215: x‖y, both little-endian."""
    given = {"set": parameter_set, "digest": digest, "cipher": cipher, "more": more}
    parameters = Parameters({name: value for name, value in given.items() if value is not None})
    point = x.to_bytes(width, "little") + y.to_bytes(width, "little")
    return bytes(
        PublicKeyInfo(
            {
                "algorithm": {"algorithm": key_oid, "parameters": parameters},
                "public_key": core.OctetString(point).dump(),
            }
        ).dump()
    )


@dataclass(frozen=True)
class Example:
    """An example of RFC 7091 §7: d, e, k as given there, and what comes of them."""

    key_oid: str
    key_info: bytes
    parameter_set: str
    number_bytes: int
    d: int
    e: int
    k: int
    r: int
    s: int

    @property
    def digest(self) -> bytes:
        """The bytes whose number is e."""
        return self.e.to_bytes(self.number_bytes, "little")

    @property
    def signature(self) -> bytes:
        """s‖r."""
        return self.s.to_bytes(self.number_bytes, "big") + self.r.to_bytes(self.number_bytes, "big")


RFC_7091_256 = Example(
    key_oid=GOST_256_KEY,
    key_info=gost_key_info(
        "1.2.643.2.2.35.0",
        0x7F2B49E270DB6D90D8595BEC458B50C58585BA1D4E9B788F6689DBD8E56FD80B,
        0x26F1B489D6701DD185C8413A977B3CBBAF64D1C593D26627DFFB101A87FF77DA,
    ),
    parameter_set="1.2.643.2.2.35.0",
    number_bytes=32,
    d=0x7A929ADE789BB9BE10ED359DD39A72C11B60961F49397EEE1D19CE9891EC3B28,
    e=0x2DFBC1B372D89A1188C09C52E0EEC61FCE52032AB1022E8E67ECE6672B043EE5,
    k=0x77105C9B20BCD3122823C8CF6FCC7B956DE33814E95B7FE64FED924594DCEAB3,
    r=0x41AA28D2F1AB148280CD9ED56FEDA41974053554A42767B83AD043FD39DC0493,
    s=0x01456C64BA4642A1653C235A98A60249BCD6D3F746B631DF928014F6C5BF9C40,
)


def _number(*parts: str) -> int:
    return int("".join(parts), 16)


RFC_7091_512 = Example(
    key_oid=GOST_512_KEY,
    key_info=gost_key_info(
        "1.2.643.7.1.2.1.2.0",
        _number(
            "115DC5BC96760C7B48598D8AB9E740D4C4A85A65BE33C1815B5C320C854621DD",
            "5A515856D13314AF69BC5B924C8B4DDFF75C45415C1D9DD9DD33612CD530EFE1",
        ),
        _number(
            "37C7C90CD40B0F5621DC3AC1B751CFA0E2634FA0503B3D52639F5D7FB72AFD61",
            "EA199441D943FFE7F0C70A2759A3CDB84C114E1F9339FDF27F35ECA93677BEEC",
        ),
        key_oid=GOST_512_KEY,
        digest=None,
        width=64,
    ),
    parameter_set="1.2.643.7.1.2.1.2.0",
    number_bytes=64,
    d=_number(
        "0BA6048AADAE241BA40936D47756D7C93091A0E8514669700EE7508E508B1020",
        "72E8123B2200A0563322DAD2827E2714A2636B7BFD18AADFC62967821FA18DD4",
    ),
    e=_number(
        "3754F3CFACC9E0615C4F4A7C4D8DAB531B09B6F9C170C533A71D147035B0C591",
        "7184EE536593F4414339976C647C5D5A407ADEDB1D560C4FC6777D2972075B8C",
    ),
    k=_number(
        "0359E7F4B1410FEACC570456C6801496946312120B39D019D455986E364F3658",
        "86748ED7A44B3E794434006011842286212273A6D14CF70EA3AF71BB1AE679F1",
    ),
    r=_number(
        "2F86FA60A081091A23DD795E1E3C689EE512A3C82EE0DCC2643C78EEA8FCACD3",
        "5492558486B20F1C9EC197C90699850260C93BCBCD9C5C3317E19344E173AE36",
    ),
    s=_number(
        "1081B394696FFE8E6585E7A9362D26B6325F56778AADBC081C0BFBE933D52FF5",
        "823CE288E8C4F362526080DF7F70CE406A6EEB1F56919CB92A9853BDE73E5B4A",
    ),
)
RFC_7091 = {"256": RFC_7091_256, "512": RFC_7091_512}
