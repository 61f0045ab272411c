"""What keeps a benchmark from being run, in one line for the screen."""


class BenchmarkError(Exception):
    """A benchmark can't be run, or what it ran did not work; `code` is a stable key."""

    def __init__(self, code: str, detail: str = "") -> None:
        # Both go to the base class, so that the error comes whole out of another process.
        super().__init__(code, detail)
        self.code, self.detail = code, detail

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}" if self.detail else self.code
