"""What this package raises."""


class SmevError(Exception):
    """A message, a contract or a name that can't be used.

    `code` is a stable key: `schema.invalid` (a message that isn't built as the schema says),
    `message.unwritable` (values that no message of the revision can hold), `operation.unknown`,
    `contract.unknown`, `contract.address`, `schema.unknown`, `contract.broken` (our own published
    files can't be used), `file.multipart` (broken MIME), `file.too_many`. `detail` is English and
    free of personal data. What a sender may be told of a message: `path` names the element
    (`/a/b`, "" for none), `kind` is a key of `smev.problems`.
    """

    def __init__(
        self, code: str, detail: str = "", *, path: str = "", kind: str = "schema"
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.path = path
        self.kind = kind
