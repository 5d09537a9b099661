"""Chat platforms to test against, over real sockets and for the vendors' own libraries."""
