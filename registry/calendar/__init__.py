"""Working days of Russia, and the days that deadlines fall on.

The calendar takes and gives dates. The date of a moment depends on where it is asked:
`local_day` with the region's time zone. Source: ТК РФ, ст. 111, 112; `russia.toml`.
"""

from registry.calendar.production import (
    DayMove,
    MonthDay,
    ProductionCalendar,
    ProductionYear,
    load_production_calendar,
    parse_month_day,
    parse_production_calendar,
)
from registry.calendar.working import WorkingCalendar, local_day

__all__ = [
    "DayMove",
    "MonthDay",
    "ProductionCalendar",
    "ProductionYear",
    "WorkingCalendar",
    "load_production_calendar",
    "local_day",
    "parse_month_day",
    "parse_production_calendar",
]
