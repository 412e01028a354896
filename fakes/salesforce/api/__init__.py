"""The doors of the fake Salesforce: REST, SOAP, OAuth and the side door."""
