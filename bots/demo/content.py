"""The demo content (being written)."""

LOG_IN = "demo / parley-demo"


def install(port: int) -> None:
    return
