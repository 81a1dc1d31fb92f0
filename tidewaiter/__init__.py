"""The front door: the command line, and what composes the other packages."""
