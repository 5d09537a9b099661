"""What whole-stack tests share: a server in a process of its own, and a network to it that can be cut."""
