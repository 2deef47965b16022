"""What builds and documents the product; no part of it."""
