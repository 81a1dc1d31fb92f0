"""The service: scores over HTTP, with keys, reasons and the same answer for the same record."""
