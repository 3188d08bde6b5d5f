-- Queries of a live process about all its sockets at once. The functions run as the owner and
-- return only ids and numbers, never a document or a name. In a transaction of one user they
-- answer for that user and their scopes only.

CREATE OR REPLACE FUNCTION nobody_or_member(scope uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT acting_user() IS NULL OR role_at('here', scope, NULL, acting_user()) IS NOT NULL
$$;

-- Which of these users are members of the scope, and the version of its memberships (acl) for
-- which that is true.
CREATE OR REPLACE FUNCTION live_audience(scope uuid, users uuid[])
RETURNS TABLE (acl bigint, members uuid[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.acl, ARRAY(
        SELECT m.user_id FROM recovery_membership AS m
        WHERE m.scope_id = scope AND m.user_id = ANY(users) AND NOT m.held AND s.is_open)
    FROM recovery_scope AS s WHERE s.id = scope AND nobody_or_member(s.id)
$$;

CREATE OR REPLACE FUNCTION live_heads(scopes uuid[])
RETURNS TABLE (id uuid, seq bigint, acl bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.seq, s.acl FROM recovery_scope AS s WHERE s.id = ANY(scopes) AND nobody_or_member(s.id)
$$;

-- A hash of one membership. It differs between scopes and changes whenever the membership does,
-- because its grant only grows. It is shifted right so that the sum over one user's memberships
-- fits into a bigint.
CREATE OR REPLACE FUNCTION live_mark(scope uuid, membership_grant bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT uuid_hash_extended(scope, membership_grant) >> 16 $$;

-- The users whose marks do not add up to the sum that the process has: their memberships changed
-- and the message about it was lost.
CREATE OR REPLACE FUNCTION live_moved(users uuid[], sums bigint[])
RETURNS SETOF uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT known.user_id FROM unnest(users, sums) AS known(user_id, total)
    WHERE known.user_id = coalesce(acting_user(), known.user_id) AND known.total <> (
        SELECT coalesce(sum(live_mark(m.scope_id, m."grant")), 0)
        FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
        WHERE m.user_id = known.user_id AND NOT m.held AND s.is_open)
$$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['live_audience(uuid, uuid[])', 'live_heads(uuid[])',
                                'live_mark(uuid, bigint)', 'live_moved(uuid[], bigint[])'] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO app', name);
    END LOOP;
END $$;
