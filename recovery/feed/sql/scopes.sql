-- Scopes and memberships change only through these functions. They run as the owner, so each one
-- checks its caller itself: a member of the scope, the role `jobs`, or the person concerned.

CREATE OR REPLACE FUNCTION acting_user() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

CREATE OR REPLACE FUNCTION scopes_of_acting_user() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(scope_id), '{}') FROM recovery_membership
    WHERE user_id = acting_user() AND NOT held
$$;

CREATE OR REPLACE FUNCTION require_place_in(scope uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user = 'jobs' OR EXISTS (
        SELECT FROM recovery_membership
        WHERE scope_id = scope AND user_id = acting_user() AND NOT held
    ) THEN
        RETURN;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = 'not a member of this scope';
END $$;

CREATE OR REPLACE FUNCTION open_scope(
    new_id uuid, new_name text, new_kind text, home uuid, first_user uuid, first_role text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
    -- The flush at the end of this transaction sets `active_at`.
    VALUES (new_id, new_name, new_kind, home, 0, 0, 0, true, to_timestamp(0));
    INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
    VALUES (new_id, first_user, first_role, 1, 0, false);
END $$;

CREATE OR REPLACE FUNCTION grant_membership(
    scope uuid, member uuid, new_role text, is_held boolean, from_now boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM require_place_in(scope);
    -- The number from which a new member may read is only known under the scope's lock. Until the
    -- flush (flush.sql) fills it in, 2^62 stands for it, which hides everything.
    INSERT INTO recovery_membership AS m
        (scope_id, user_id, role, "grant", visible_from, held)
    SELECT id, member, new_role, 1, CASE WHEN from_now THEN 4611686018427387904 ELSE 0 END, is_held
    FROM recovery_scope WHERE id = scope AND is_open
    ON CONFLICT (scope_id, user_id) DO UPDATE SET role = excluded.role,
        "grant" = m."grant" + 1, visible_from = excluded.visible_from,
        visible_since = NULL, held = excluded.held;
    IF NOT FOUND THEN
        RAISE no_data_found USING MESSAGE = 'no such open scope';
    END IF;
END $$;

-- An ended membership keeps its row. A member who returns then has a higher grant, and their phone
-- purges what it still holds from the first time.
CREATE OR REPLACE FUNCTION revoke_membership(scope uuid, member uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF member IS DISTINCT FROM acting_user() THEN
        PERFORM require_place_in(scope);
    END IF;
    UPDATE recovery_membership SET role = 'gone', "grant" = "grant" + 1, held = true
    WHERE scope_id = scope AND user_id = member;
END $$;

CREATE OR REPLACE FUNCTION release_memberships(member uuid)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF member IS DISTINCT FROM acting_user() AND session_user <> 'jobs' THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the person concerned';
    END IF;
    RETURN QUERY UPDATE recovery_membership SET held = false, "grant" = "grant" + 1
    WHERE user_id = member AND held AND role <> 'gone' RETURNING scope_id;
END $$;

-- Change a member of staff's role, or end it (NULL), in every scope of the programme at once, so
-- that no one keeps access to a patient's record after losing the role that gave it. Only for
-- administrators of the programme.
CREATE OR REPLACE FUNCTION change_staff_places(
    programme uuid, staff_scope uuid, member uuid, new_role text
) RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF session_user <> 'jobs' AND NOT EXISTS (
        SELECT FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
        WHERE s.id = staff_scope AND s.kind = 'staff' AND s.home_id = programme
          AND m.user_id = acting_user() AND m.role = 'admin' AND NOT m.held
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'administrators only';
    END IF;
    RETURN QUERY UPDATE recovery_membership AS m
        SET role = coalesce(new_role, 'gone'), held = new_role IS NULL, "grant" = m."grant" + 1
        FROM recovery_scope AS s
        WHERE s.id = m.scope_id AND s.home_id = programme AND m.user_id = member
          AND m.role NOT IN ('gone', 'patient')
          AND (s.kind = 'care' OR new_role IS NULL AND s.kind NOT IN ('person', 'library'))
        RETURNING m.scope_id;
END $$;
