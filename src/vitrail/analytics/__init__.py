"""One file per analytic: a manifest and a small class. Values in, values out: no clock, store, network, settings."""
