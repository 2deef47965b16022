"""What we need from outside, as small promises. No code; each port has fewer than a dozen methods."""
