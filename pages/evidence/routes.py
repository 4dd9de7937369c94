"""The public addresses."""
ROUTES: list = []
