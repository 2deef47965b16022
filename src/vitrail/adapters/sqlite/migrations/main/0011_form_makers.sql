-- Forms made by different models cannot be compared: each says whose it is. Those from before say nobody's, and are
-- left out of likeness until their time is over.

ALTER TABLE sighting ADD COLUMN maker TEXT NOT NULL DEFAULT ''; -- model that made the form; empty when there is none
