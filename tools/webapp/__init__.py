"""Builds and checks the phone app (clients/web) with Node from a wheel."""
