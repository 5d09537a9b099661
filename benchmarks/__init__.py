"""Benchmarks: what convo costs beside the same work done by hand. `hatch run bench` prints the table."""
