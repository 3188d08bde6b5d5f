-- The database roles. Run as superuser; idempotent. Passwords are set elsewhere.
-- `owner` migrates. `app` serves, `jobs` runs the worker, `pump` sends: these three own nothing,
-- and row-level security applies to them.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['owner', 'app', 'jobs', 'pump'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
            role_name
        );
        -- A connection that is idle in a transaction holds locks and blocks vacuum.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''30s''', role_name);
    END LOOP;
END $$;

-- The client of a longer request has given up.
ALTER ROLE app SET statement_timeout = '5s';
-- A migration that waits for a lock blocks all later queries on the table, so it gives up soon.
ALTER ROLE owner SET lock_timeout = '2s';
ALTER ROLE owner SET statement_timeout = '5min';
