"""Migrations of the state database; the store runs them when it opens one."""
