-- A device belongs to the user who registered it last. If a user signs in on a phone that another
-- one left without signing out, this deletes the other's registration, which row-level security
-- hides from both. Who knows the fingerprint has the device's token.
CREATE OR REPLACE FUNCTION notifications_take_over(device_fingerprint bytea, new_owner uuid)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF new_owner IS DISTINCT FROM nullif(current_setting('app.user_id', true), '')::uuid THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the acting user';
    END IF;
    -- Of two who register one device at once, the second must see the first.
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(device_fingerprint, 'hex'), 0));
    DELETE FROM notifications_pushregistration
    WHERE fingerprint = device_fingerprint AND scope_id <> new_owner;
END $$;

REVOKE ALL ON FUNCTION notifications_take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notifications_take_over TO app, jobs;
