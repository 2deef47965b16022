"""The words, as frozen values. Standard library and numpy only; imports nothing of ours."""
