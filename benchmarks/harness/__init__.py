"""What the benchmarks share: servers as processes, clients that speak the wire, medians, the table."""
