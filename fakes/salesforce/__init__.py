"""The fake Salesforce: one org behind REST, OAuth and SOAP."""
