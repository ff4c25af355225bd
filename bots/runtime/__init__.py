"""The Redis and Celery side of a turn: inbox, leases, commits, streams, the runner. Knows no page and no SQL."""
