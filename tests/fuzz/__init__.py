"""Fuzz targets, to be run for as long as one likes: `python -m tests.fuzz TARGET [SECONDS]`.

With atheris at hand (`pip install atheris`; it is no dependency of ours) the libraries' coverage
leads the way, and libFuzzer's options may follow after ``--``; without it the numbers are random.
"""
