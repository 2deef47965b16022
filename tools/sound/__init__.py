"""How the heads of the sound analytic are learned: from licence-clean material and physics only."""
