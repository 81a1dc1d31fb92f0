"""One module a version; its number is the revision."""
