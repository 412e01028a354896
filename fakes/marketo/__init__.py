"""A fake Marketo Engage instance: ``Instance`` is the state and the rules, ``create_app`` its REST API."""
