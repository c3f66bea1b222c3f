"""Sweeps: many markets from one file, kept in one store, whatever happens to the machine."""
