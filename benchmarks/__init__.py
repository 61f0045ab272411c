"""What a signed look-up and a pull cost, beside peers run in the same minutes; `make bench`."""
