"""The REST API of the fake Marketo: one module a page of the vendor's guide; rules live in the services above."""
