"""The procedures that change the register, one table of transitions each."""
