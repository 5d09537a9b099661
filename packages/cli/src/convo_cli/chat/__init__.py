"""`convo chat`: a terminal as one more client of the protocol, by plain HTTP and one stream of events."""

__all__: list[str] = []
