"""Declared trade: lanes, bookings, declarations and their items."""
