-- The database roles. Run as superuser; idempotent. Passwords are set elsewhere.
-- `owner` migrates. `app` serves, `jobs` runs the worker, `pump` sends: these three own nothing,
-- and row-level security applies to them. `reserve` is `app` where every other connection is taken.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['owner', 'app', 'jobs', 'pump', 'reserve'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I', role_name);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
            role_name
        );
        -- A connection that is idle in a transaction holds locks and blocks vacuum.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''30s''', role_name);
        -- The details of an error quote the rejected row, which may be a person's own words. They
        -- reach the process that caused it, and not PostgreSQL's log.
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = terse', role_name);
    END LOOP;
END $$;

-- The client of a longer request has given up.
ALTER ROLE app SET statement_timeout = '5s';
-- A migration that waits for a lock blocks all later queries on the table, so it gives up soon.
ALTER ROLE owner SET lock_timeout = '2s';
ALTER ROLE owner SET statement_timeout = '5min';

-- PostgreSQL keeps `reserved_connections` for this role. It has no rights but to become `app`, which
-- it does as it connects.
GRANT pg_use_reserved_connections TO reserve;
GRANT app TO reserve WITH INHERIT FALSE, SET TRUE;
ALTER ROLE reserve SET role = 'app';
