"""The phone app's page, manifest and service worker. Its sources are in clients/web."""
