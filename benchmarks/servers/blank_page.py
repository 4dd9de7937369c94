"""A page with nothing on it."""


def render() -> None:
    """Show nothing."""
