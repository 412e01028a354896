"""SOAP: the partner and enterprise endpoints, as far as clients log in through them."""
