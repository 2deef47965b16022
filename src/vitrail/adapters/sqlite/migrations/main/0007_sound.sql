-- Alerts about a sound. A row names a camera or a microphone, never both: no sound leads to a camera. Of the sound itself
-- a row holds a level each quarter of a second and one third-octave spectrum, in whole decibels.

ALTER TABLE alert ADD COLUMN mic_id TEXT CHECK (mic_id IS NULL OR (mic_id <> '' AND camera_id = ''
    AND zone_id IS NULL AND line_id IS NULL AND wall_id IS NULL AND asset_id IS NULL)); -- place: microphone; camera_id is empty then
ALTER TABLE alert ADD COLUMN sound TEXT CHECK (sound IS NULL OR (json_valid(sound) AND length(sound) < 1000
    AND mic_id IS NOT NULL)); -- level trace, third octaves and where it came from, as JSON
