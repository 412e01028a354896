"""What both fakes stand on: time, storage, failures to come, the journal, the side door, scenarios, servers."""
