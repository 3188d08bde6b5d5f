-- A device belongs to the user who registered it last. If a user signs in on a phone that another
-- one left without signing out, this deletes the other's registration, which row-level security
-- hides from both.
CREATE OR REPLACE FUNCTION notifications_take_over(device_fingerprint bytea, new_owner uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DELETE FROM notifications_pushregistration
    WHERE fingerprint = device_fingerprint AND scope_id <> new_owner
$$;

REVOKE ALL ON FUNCTION notifications_take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION notifications_take_over TO app, jobs;
