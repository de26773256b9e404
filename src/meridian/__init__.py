"""Meridian: an emulated venue, an adapter SDK and an order kernel."""
