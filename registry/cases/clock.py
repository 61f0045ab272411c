"""When a step is taken: the moment, and the day that it is in the region."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from registry.calendar import WorkingCalendar, local_day


@dataclass(frozen=True, slots=True)
class RegionClock:
    """The moment of a step, the region's zone and its working days."""

    now: datetime
    zone: tzinfo
    calendar: WorkingCalendar

    @property
    def today(self) -> date:
        """The day of the step in the region."""
        return local_day(self.now, self.zone)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the region."""
        return local_day(moment, self.zone)
