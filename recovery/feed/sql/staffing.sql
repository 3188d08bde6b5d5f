-- The places of staff in care records and groups that nobody on the staff is in. Row-level security
-- hides these scopes from everyone on the staff, so only these functions can find and fill them.
-- They are for those who manage the programme alone. needed_duties(), which apply_walls makes from
-- recovery/people/places.py, says what someone must be there for; for no other duty does a scope
-- count as unstaffed.
--
-- On the staff is who has a place in the programme's `staff:` scope: a membership that outlived it
-- gives no one to turn to.

-- The open scopes of a kind in which nobody on the staff of `home` has this duty. It is written as one
-- statement, which the planner puts into the one that asks. The staff is looked up once: with a
-- lookup for each member, ten thousand records took longer than a statement may.
CREATE OR REPLACE FUNCTION unstaffed(home uuid, of_kind text, lacking text)
RETURNS SETOF recovery_scope LANGUAGE sql STABLE AS $$
    SELECT scope.* FROM recovery_scope AS scope
    WHERE scope.home_id = home AND scope.kind = of_kind AND scope.is_open
      AND EXISTS (SELECT FROM needed_duties() AS n WHERE n.kind = of_kind AND n.duty = lacking)
      AND NOT EXISTS (
        SELECT FROM recovery_membership AS m
        JOIN needed_duties() AS n ON n.kind = of_kind AND n.duty = lacking AND n.role = m.role
        WHERE m.scope_id = scope.id AND NOT m.held AND m.user_id = ANY (ARRAY(
            SELECT here.user_id FROM recovery_scope AS s
            JOIN recovery_membership AS here ON here.scope_id = s.id AND NOT here.held
            WHERE s.kind = 'staff' AND s.home_id = home)))
$$;

-- Their ids, for those who manage the programme.
CREATE OR REPLACE FUNCTION unstaffed_scopes(programme uuid, of_kind text, lacking text)
RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT manages(programme) THEN
        RAISE insufficient_privilege USING MESSAGE = 'administrators only';
    END IF;
    RETURN QUERY SELECT u.id FROM unstaffed(programme, of_kind, lacking) AS u;
END $$;

-- The programme of one such scope. No row: there is no such scope, someone is there, or the acting
-- user does not manage the programme. The answer does not say which.
CREATE OR REPLACE FUNCTION programme_of_unstaffed(scope uuid, of_kind text, lacking text)
RETURNS TABLE (programme uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.home_id FROM recovery_scope AS s, unstaffed(s.home_id, of_kind, lacking) AS u
    WHERE s.id = scope AND u.id = scope AND manages(s.home_id)
$$;

-- Put a member of staff into such a scope. The caller holds the programme's staff alone, so that no
-- one else fills or ends a place meanwhile.
CREATE OR REPLACE FUNCTION fill_unstaffed(
    scope uuid, of_kind text, lacking text, member uuid, new_role text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    home uuid;
BEGIN
    SELECT p.programme INTO home FROM programme_of_unstaffed(scope, of_kind, lacking) AS p;
    IF home IS NULL
        OR NOT EXISTS (SELECT FROM needed_duties() AS n
                       WHERE n.kind = of_kind AND n.duty = lacking AND n.role = new_role)
        OR NOT may_place('fill', scope, of_kind, home, member, new_role)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'not an empty place, or not on the staff';
    END IF;
    INSERT INTO recovery_membership AS m (scope_id, user_id, role, "grant", visible_from, held)
    VALUES (scope, member, new_role, 1, 0, false)
    ON CONFLICT (scope_id, user_id) DO UPDATE SET role = excluded.role, "grant" = m."grant" + 1,
        visible_from = 0, visible_since = NULL, held = false;
    PERFORM remember('app.moved', scope);
END $$;
