"""The report of a run: a line a scenario on the terminal, and one HTML page that needs nothing but itself."""
