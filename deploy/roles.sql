-- The roles of the house; run as superuser, safe to run again. Passwords are set elsewhere.
-- `owner` migrates. `app` serves, `jobs` runs the worker, `pump` sends: these three own nothing
-- and row-level security binds them.
DO $$
DECLARE
    house_role text;
BEGIN
    FOREACH house_role IN ARRAY ARRAY['owner', 'app', 'jobs', 'pump'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = house_role) THEN
            EXECUTE format('CREATE ROLE %I', house_role);
        END IF;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION',
            house_role
        );
        -- A session that stopped in the middle of a transaction holds locks and holds up vacuum.
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''30s''', house_role);
    END LOOP;
END $$;

-- A request that takes longer has lost its caller.
ALTER ROLE app SET statement_timeout = '5s';
-- A migration that cannot have its lock soon gives way to the people being served.
ALTER ROLE owner SET lock_timeout = '2s';
ALTER ROLE owner SET statement_timeout = '5min';
