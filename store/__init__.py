"""Where it is kept: tables, units of work, journal storage, migrations."""
