-- Counts one request under each key, while Valkey is away. Returns how long to wait, or zero if
-- within all limits. Keys are locked in one order, so that two calls cannot deadlock.
CREATE OR REPLACE FUNCTION count_attempts(
    keys bytea[], most int[], windows interval[], at timestamptz
) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE
    use record;
    counted recovery_attempts;
    longest interval := '0';
BEGIN
    FOR use IN
        SELECT * FROM unnest(keys, most, windows) AS u(key, most, per) ORDER BY u.key
    LOOP
        INSERT INTO recovery_attempts AS a (key, count, until) VALUES (use.key, 1, at + use.per)
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN a.until <= at THEN 1 ELSE a.count + 1 END,
            until = CASE WHEN a.until <= at THEN excluded.until ELSE a.until END
        RETURNING a.* INTO counted;
        IF counted.count > use.most THEN
            longest := greatest(longest, counted.until - at);
        END IF;
    END LOOP;
    RETURN longest;
END $$;
