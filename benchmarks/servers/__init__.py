"""The servers that are measured: each runs as a process of its own and does the same work for the same words."""
