-- What a lasting change looked like: two small pictures of the place, nobody in them, kept as files as long as their alert.

ALTER TABLE alert ADD COLUMN before_sha256 TEXT; -- SHA-256 of the picture before, hexadecimal
ALTER TABLE alert ADD COLUMN after_sha256 TEXT; -- SHA-256 of the picture after, hexadecimal
