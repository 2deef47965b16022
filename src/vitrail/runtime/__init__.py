"""The loops. The only room that starts threads or processes."""
