"""The one error of the journal format."""


class JournalError(Exception):
    """A record or a chain that can't be read or doesn't hold.

    `code` is a stable key; `detail` is English and holds no personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
