"""Honest fakes, one per port: they keep the promises of the port, in memory or in a temporary folder."""
