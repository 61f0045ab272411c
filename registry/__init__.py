"""The domain: persons, organisations, enrolments and the rules they follow."""
