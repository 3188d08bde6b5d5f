-- Counts one request under each key, while Valkey is away. Returns how long to wait, or zero if
-- within all limits. If one is used up already, the others are not counted, so that refused requests
-- make no rows. Keys are locked in one order, so that two calls cannot deadlock.
CREATE OR REPLACE FUNCTION count_attempts(
    keys bytea[], allowed int[], windows interval[], at timestamptz
) RETURNS interval LANGUAGE plpgsql AS $$
DECLARE
    use record;
    counter recovery_attempts;
    longest_wait interval := '0';
BEGIN
    -- A window cannot end later than that, unless the clock was set back.
    SELECT coalesce(max(least(a.until - at, u.per)), '0') INTO longest_wait
    FROM unnest(keys, allowed, windows) AS u(key, allowed, per)
    JOIN recovery_attempts AS a ON a.key = u.key AND a.until > at AND a.count >= u.allowed;
    IF longest_wait > '0' THEN
        RETURN longest_wait;
    END IF;
    FOR use IN
        SELECT * FROM unnest(keys, allowed, windows) AS u(key, allowed, per) ORDER BY u.key
    LOOP
        INSERT INTO recovery_attempts AS a (key, count, until) VALUES (use.key, 1, at + use.per)
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN a.until <= at THEN 1 ELSE a.count + 1 END,
            until = CASE WHEN a.until <= at THEN excluded.until
                         ELSE least(a.until, excluded.until) END
        RETURNING a.* INTO counter;
        IF counter.count > use.allowed THEN
            longest_wait := greatest(longest_wait, counter.until - at);
        END IF;
    END LOOP;
    RETURN longest_wait;
END $$;

-- Takes one back from each counter: the request was no failure. One that is at zero then goes.
CREATE OR REPLACE FUNCTION give_attempts_back(keys bytea[], at timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    given bytea;
BEGIN
    FOR given IN SELECT k FROM unnest(keys) AS u(k) ORDER BY k LOOP
        UPDATE recovery_attempts AS a SET count = a.count - 1
        WHERE a.key = given AND a.until > at AND a.count > 0;
        DELETE FROM recovery_attempts AS a WHERE a.key = given AND a.count = 0;
    END LOOP;
END $$;
