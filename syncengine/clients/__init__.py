"""The two vendors over HTTP: nothing else in the engine knows it."""
