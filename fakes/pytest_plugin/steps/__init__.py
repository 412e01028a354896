"""The step library: one sentence, one call on a driver. `fakes steps` prints it as a catalogue."""
