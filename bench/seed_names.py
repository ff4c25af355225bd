"""Names that the seed and the scenarios share, without Django."""

USER, PASSWORD = "bench", "bench of this machine"
