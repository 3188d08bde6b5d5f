-- The places of staff in care records and groups that nobody on the staff is in. Row-level security
-- hides these scopes from everyone on the staff, so only these functions can find and fill them.
-- They are for the administrators of the programme alone.
--
-- On the staff is who has a place in the programme's `staff:` scope: a membership that outlived it
-- gives no one to turn to.

CREATE OR REPLACE FUNCTION staff_scope_of(programme uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT id FROM recovery_scope
    WHERE kind = 'staff' AND home_id = programme AND name = 'staff:' || programme
$$;

CREATE OR REPLACE FUNCTION is_staffed(scope uuid, staff_scope uuid, in_roles text[])
RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM recovery_membership AS m
        JOIN recovery_membership AS place
            ON place.scope_id = staff_scope AND place.user_id = m.user_id AND NOT place.held
        WHERE m.scope_id = scope AND m.role = ANY (in_roles) AND NOT m.held
    )
$$;

-- The open scopes of a kind in which nobody on the staff has one of these roles.
CREATE OR REPLACE FUNCTION unstaffed_scopes(programme uuid, of_kind text, in_roles text[])
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    staff_scope uuid := staff_scope_of(programme);
BEGIN
    IF NOT manages(programme) THEN
        RAISE insufficient_privilege USING MESSAGE = 'administrators only';
    END IF;
    RETURN QUERY SELECT s.id FROM recovery_scope AS s
        WHERE s.home_id = programme AND s.kind = of_kind AND s.is_open
          AND NOT is_staffed(s.id, staff_scope, in_roles);
END $$;

-- The programme of one such scope. No row: there is no such scope, someone is there, or the acting
-- user does not administer the programme. The answer does not say which.
CREATE OR REPLACE FUNCTION programme_of_unstaffed(scope uuid, of_kind text, in_roles text[])
RETURNS TABLE (programme uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.home_id FROM recovery_scope AS s
    WHERE s.id = scope AND s.kind = of_kind AND s.is_open AND manages(s.home_id)
      AND NOT is_staffed(s.id, staff_scope_of(s.home_id), in_roles)
$$;

-- Put a member of staff into such a scope. The caller holds the programme's staff alone, so that no
-- one else fills or ends a place meanwhile.
CREATE OR REPLACE FUNCTION fill_unstaffed(
    scope uuid, of_kind text, in_roles text[], member uuid, new_role text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    home uuid;
BEGIN
    SELECT p.programme INTO home FROM programme_of_unstaffed(scope, of_kind, in_roles) AS p;
    -- IS NOT TRUE: an argument may be NULL.
    IF home IS NULL OR (new_role = ANY (in_roles)) IS NOT TRUE
        OR NOT may_place('grant', scope, of_kind, home, member, new_role) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not an empty place, or not on the staff';
    END IF;
    INSERT INTO recovery_membership AS m (scope_id, user_id, role, "grant", visible_from, held)
    VALUES (scope, member, new_role, 1, 0, false)
    ON CONFLICT (scope_id, user_id) DO UPDATE SET role = excluded.role, "grant" = m."grant" + 1,
        visible_from = 0, visible_since = NULL, held = false;
    PERFORM remember('app.moved', scope);
END $$;
