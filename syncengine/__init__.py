"""A two-way sync of persons between Salesforce and Marketo, as Marketo's own Salesforce sync does it."""
