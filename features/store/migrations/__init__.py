"""The store's schema, version by version; see :mod:`features.store.upgrade`."""
