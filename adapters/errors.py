"""The one error that the adapters raise."""


class AdapterError(Exception):
    """A system we call did not give what its contract promises; nothing of its answer was used.

    `code` is a stable key. `retryable` says whether the same request may well succeed later.
    `detail` is for engineers, in English; it holds neither personal data nor secrets, and so no
    text of the peer's own.

    ===========================  ===========  ==================================================
    code                         retryable    when
    ===========================  ===========  ==================================================
    ``source.misconfigured``     no           our settings make no sense
    ``source.unavailable``       yes          no connection, or it broke before an answer
    ``source.timeout``           yes          no whole answer within the time allowed
    ``source.unauthorized``      no           401 or 403
    ``source.http_error``        5xx, 429     another HTTP status, or an answer that is not HTTP
    ``source.fault``             Server only  a SOAP Fault
    ``source.token_unknown``     no           the page token has expired: begin from the start
    ``source.broken_page``       mostly       not the XML, or not the page, that was due
    ``source.checksum``          yes          the records are not those that were summed up
    ``source.contract_changed``  no           well-formed, but not by the contract we know
    ===========================  ===========  ==================================================
    """

    def __init__(self, code: str, detail: str = "", *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.retryable = retryable
