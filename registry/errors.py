"""The one error that the registry raises."""


class RegistryError(Exception):
    """A value or a command breaks a rule of the register.

    `code` is a stable key (``snils.checksum``); `detail` is for engineers, in English, and never
    holds personal data.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
