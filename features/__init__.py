"""Records in, point-in-time features out; nothing here knows of models or of HTTP."""
