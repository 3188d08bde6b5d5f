-- A device belongs to whoever registered it last. Somebody who signs in on a phone that another
-- person left without signing out takes the device over, although neither sees the other's rows.
CREATE OR REPLACE FUNCTION notifications_take_over(device bytea, new_owner uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM notifications_pushregistration
    WHERE fingerprint = device AND scope_id <> new_owner
$$;

REVOKE ALL ON FUNCTION notifications_take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notifications_take_over TO app, jobs;
