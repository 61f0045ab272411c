"""The errors of the command line, and the exit codes that scripts rely on."""

from enum import IntEnum

from ops.printing import one_line


class ExitCode(IntEnum):
    """What a command's exit says."""

    OK = 0
    FOUND = 1
    USAGE = 2
    UNAVAILABLE = 3


class OpsError(Exception):
    """A command can't go on; `code` is a stable key, `exit_code` what the shell gets.

    `detail` may name files as the caller did; as text the error is one line that a terminal can
    show.
    """

    def __init__(self, code: str, detail: str, *, exit_code: ExitCode = ExitCode.FOUND) -> None:
        super().__init__(one_line(f"{code}: {detail}"))
        self.code = code
        self.detail = detail
        self.exit_code = exit_code


class ConfigError(OpsError):
    """The configuration can't be used; `detail` names the file and the key, never a secret."""

    def __init__(self, detail: str, *, code: str = "config.invalid") -> None:
        super().__init__(code, detail, exit_code=ExitCode.USAGE)
