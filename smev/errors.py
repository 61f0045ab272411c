"""What this package raises."""


class SmevError(Exception):
    """A message, a contract or a name that can't be used.

    `code` is a stable key: `schema.invalid` (a message that isn't built as the schema says),
    `message.unwritable` (values that no message of the revision can hold), `operation.unknown`,
    `contract.unknown`, `contract.address`, `schema.unknown`, `contract.broken` (our own published
    files can't be used), `file.multipart` (broken MIME), `file.too_many`.
    `detail` is English and free of personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
