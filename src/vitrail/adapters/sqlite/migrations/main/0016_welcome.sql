-- The console shows the first steps of a role once to each account.

ALTER TABLE account ADD COLUMN welcomed_us INTEGER; -- when they put the first steps away, microseconds UTC; null before
