"""The program `kontingent`: loads the command, and can be interrupted while that lasts."""

from ops.interrupts import quiet_interrupt


def main() -> None:
    """Run the command with the arguments of this process."""
    with quiet_interrupt():
        from ops.cli import main as command
    command()
