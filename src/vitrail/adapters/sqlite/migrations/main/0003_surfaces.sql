-- Alerts about a declared wall or a declared piece of street furniture.

ALTER TABLE alert ADD COLUMN wall_id TEXT; -- place: surface (a declared wall), where one was drawn
ALTER TABLE alert ADD COLUMN asset_id TEXT; -- place: asset, where one was drawn
