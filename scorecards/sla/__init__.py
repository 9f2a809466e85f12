"""Service-level policies, business calendars and clocks. Pure."""
