"""How an app goes on the net: what is written for each place it can run at, and whether the app is fit for it."""

__all__: list[str] = []
