"""The REST API, one module a family of resources."""
