"""The page of ``fakes up``: both systems and the engine side by side."""
