-- When what was searched for was seen best: the picture that shows it is of the moment that its box is of.

ALTER TABLE sighting ADD COLUMN best_us INTEGER; -- microseconds UTC; null of what an earlier version wrote
