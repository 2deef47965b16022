-- Cameras that say what time it is (RTCP sender reports): how far what came in was behind it.
ALTER TABLE segment ADD COLUMN ahead_us INTEGER; -- by how much its times run ahead of the camera's own clock, microseconds; null where the camera said none
