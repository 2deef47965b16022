"""Pure stages between packets and analytics: gates, speeds, tracking. Values in, values out."""
