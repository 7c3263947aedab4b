"""Measures this library against its peers. See README.md."""
