"""Journeys of goods, and the transit movements they are under."""
