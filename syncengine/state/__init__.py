"""What the engine remembers between cycles."""
