-- The first and the last statement of an action, one round trip each.

-- Begin: set the acting user, lock the phone's turn, look for a receipt.
CREATE OR REPLACE FUNCTION begin_action(actor uuid, key uuid, client uuid, client_lane text)
RETURNS TABLE (client_known boolean, lmid bigint, fingerprint bytea, status text, code text, detail jsonb)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.user_id', actor::text, true), set_config('app.acted_for', '', true),
            set_config('app.moved', '', true), set_config('app.left', '', true);
    IF client IS NOT NULL THEN
        SELECT c.revoked_at IS NULL, coalesce((c.lmid ->> client_lane)::bigint, 0)
        INTO client_known, lmid FROM recovery_syncclient AS c
        WHERE c.scope_id = actor AND c.id = client FOR NO KEY UPDATE;
    END IF;
    SELECT r.fingerprint, r.status, r.code, r.detail
    INTO fingerprint, status, code, detail FROM recovery_receipt AS r
    WHERE r.scope_id = actor AND r.id = key;
    RETURN NEXT;
END $$;

-- End: flush the feed, then write audit entry, receipt and turn. All in one round trip, so that
-- the scopes are locked only for that and for the commit. It runs as the owner: a user who has just
-- left a scope can no longer write there, but the audit entry of leaving belongs there. It refuses
-- to write for any other user. The entry lists what is stored, in the scope that comes first, or in
-- the actor's own.
CREATE OR REPLACE FUNCTION end_action(
    audit_id uuid, actor uuid, session uuid, action text, outcome text, key uuid, fingerprint bytea, client uuid, client_lane text, mutation bigint,
    refusal text, answer jsonb, at timestamptz,
    scopes uuid[], kinds text[], objects uuid[], docs text[], said_at timestamptz[],
    changed_acl uuid[]
) RETURNS TABLE (scope_id uuid, scope_name text, seq_from bigint, seq_to bigint,
                 acl bigint, tombstones bigint[], for_all boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    positions jsonb := '[]';
BEGIN
    IF actor IS DISTINCT FROM acting_user() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the acting user';
    END IF;
    FOR scope_id, scope_name, seq_from, seq_to, acl, tombstones, for_all IN
        SELECT * FROM flush_feed(scopes, kinds, objects, docs, said_at, changed_acl, actor, at)
    LOOP
        positions := positions || jsonb_build_array(jsonb_build_array(scope_name, seq_to));
        RETURN NEXT;
    END LOOP;
    IF positions <> '[]' THEN
        answer := answer || jsonb_build_object('at', positions);
    END IF;
    INSERT INTO recovery_auditevent
        (id, scope_id, at, actor_id, session_id, action, outcome, objects_touched, request_id)
    VALUES (audit_id, coalesce(scopes[1], actor), at, actor, session, action, outcome, (
        SELECT coalesce(jsonb_agg(jsonb_build_array(u.kind, u.object, u.scope) ORDER BY u.n), '[]')
        FROM unnest(scopes, kinds, objects) WITH ORDINALITY AS u(scope, kind, object, n)), key);
    INSERT INTO recovery_receipt
        (scope_id, id, action, fingerprint, client_id, lane, mutation_id, status, code, detail, created_at)
    VALUES (actor, key, action, fingerprint, client, client_lane, mutation,
            CASE WHEN refusal = '' THEN 'applied' ELSE 'rejected' END, refusal, answer, at);
    IF client IS NOT NULL THEN
        PERFORM take_turn(actor, client, client_lane, mutation);
    END IF;
END $$;

-- The acting user has read rows of other people: one event in each of their scopes. `objects` holds
-- the list of each event, [kind, id, scope] for each row.
CREATE OR REPLACE FUNCTION note_reads(
    events uuid[], scopes uuid[], objects jsonb, session uuid, action text, request uuid,
    at timestamptz
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (
        SELECT FROM unnest(scopes) AS s WHERE role_at('here', s, NULL, acting_user()) IS NULL
            -- Whom the acting user acted for, they could read.
            AND s <> ALL (remembered('app.acted_for'))
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a member of this scope';
    END IF;
    INSERT INTO recovery_auditevent
        (id, scope_id, at, actor_id, session_id, action, outcome, objects_touched, request_id)
    SELECT e.id, e.scope, at, acting_user(), session, action, 'read', objects -> e.n::int - 1, request
    FROM unnest(events, scopes) WITH ORDINALITY AS e(id, scope, n);
END $$;

-- A turn is never given back: a late retry of an earlier mutation leaves a higher number alone.
CREATE OR REPLACE FUNCTION take_turn(actor uuid, client uuid, client_lane text, mutation bigint)
RETURNS void LANGUAGE sql AS $$
    UPDATE recovery_syncclient
    SET lmid = lmid || jsonb_build_object(client_lane, mutation)
    WHERE scope_id = actor AND id = client
      AND coalesce((lmid ->> client_lane)::bigint, 0) < mutation
$$;
