-- Scopes and memberships change only through these functions. They run as the owner, so each one
-- checks its caller itself, from data: the roles of the acting user, and of the member, decide by
-- place_rules(), which apply_walls makes from recovery/people/places.py.
--
-- A transaction remembers for whom it has acted and which memberships it has changed, in settings
-- that only these functions write. An action may so report the end of a membership to the scope
-- that its actor has just left.

CREATE OR REPLACE FUNCTION acting_user() RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT nullif(current_setting('app.user_id', true), '')::uuid
$$;

-- Jobs and commands. `role` is what SET ROLE has set; only a member of `jobs` can.
CREATE OR REPLACE FUNCTION is_system() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT session_user = 'jobs' OR current_setting('role') = 'jobs'
$$;

-- `app.acted_for`: users. `app.moved`: scopes whose memberships changed. `app.left`: those of them
-- in which a membership ended.
CREATE OR REPLACE FUNCTION remembered(what text) RETURNS uuid[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting(what, true), ''), ',')::uuid[], '{}')
$$;

CREATE OR REPLACE FUNCTION remember(what text, id uuid) RETURNS void LANGUAGE sql AS $$
    SELECT set_config(what, concat_ws(',', nullif(current_setting(what, true), ''), id), true)
$$;

CREATE OR REPLACE FUNCTION scopes_of_acting_user() RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(scope_id), '{}') FROM recovery_membership
    WHERE user_id = acting_user() AND NOT held
$$;

-- The role of `person` in a scope (`here`), in its home (`program`) or on the home's staff.
CREATE OR REPLACE FUNCTION role_at(place text, scope uuid, home uuid, person uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT m.role FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
    WHERE m.user_id = person AND NOT m.held AND CASE place
        WHEN 'here' THEN m.scope_id = scope
        WHEN 'program' THEN m.scope_id = home AND s.kind = 'program'
        WHEN 'staff' THEN s.kind = 'staff' AND s.home_id = home END
$$;

-- May the acting user `open` a scope of this kind, or `grant` or `revoke` this role in it?
CREATE OR REPLACE FUNCTION may_place(
    the_verb text, scope uuid, the_kind text, home uuid, member uuid, the_role text
) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT is_system() OR EXISTS (
        SELECT FROM place_rules() AS r
        WHERE r.verb = the_verb AND r.kind = the_kind AND r.role = the_role
          AND r.by_role = role_at(r.by_place, scope, home, acting_user())
          AND (r.needs_role IS NULL
               OR r.needs_role = role_at(r.needs_place, scope, home, member)))
$$;

-- May the acting user write into the own scope of `person`? They are on the staff of a programme in
-- which the person is or was, or from which they have their account. Who shares a record or group
-- with someone may not: a patient would so become their counsellor.
CREATE OR REPLACE FUNCTION may_act_for(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT is_system() OR person = acting_user() OR EXISTS (
        SELECT FROM recovery_membership AS mine
        JOIN recovery_scope AS s ON s.id = mine.scope_id AND s.kind = 'staff'
        WHERE mine.user_id = acting_user()
          AND (NOT mine.held OR mine.scope_id = ANY (remembered('app.left')))
          AND (EXISTS (
                  SELECT FROM recovery_membership AS theirs
                  WHERE theirs.scope_id = s.home_id AND theirs.user_id = person)
              OR EXISTS (
                  SELECT FROM recovery_scope AS own
                  WHERE own.id = person AND own.kind = 'person' AND own.home_id = s.home_id)))
$$;

-- Not for `app`: the functions that check their caller end with this.
CREATE OR REPLACE FUNCTION become(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM remember('app.acted_for', acting_user()), remember('app.acted_for', person);
    PERFORM set_config('app.user_id', person::text, true);
END $$;

CREATE OR REPLACE FUNCTION act_for(person uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT may_act_for(person) THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing connects the acting user with them';
    END IF;
    PERFORM become(person);
END $$;

-- For the policies of tables that everybody reads: may the acting user change the programme, may
-- they create accounts at all?
CREATE OR REPLACE FUNCTION manages(programme uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM place_rules() AS r WHERE r.verb = 'grant' AND r.kind = 'staff'
            AND r.by_role = role_at('staff', NULL, programme, acting_user()))
$$;

CREATE OR REPLACE FUNCTION may_open_account() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (
        SELECT FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
        JOIN place_rules() AS r ON r.verb = 'open' AND r.kind = 'person' AND r.by_role = m.role
        WHERE m.user_id = acting_user() AND NOT m.held AND s.kind = r.by_place)
$$;

CREATE OR REPLACE FUNCTION open_scope(
    new_id uuid, new_name text, new_kind text, home uuid, first_user uuid, first_role text
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT is_system() AND (
        new_name <> new_kind || ':' || new_id
        OR first_user <> CASE new_kind WHEN 'person' THEN new_id ELSE acting_user() END
        OR NOT may_place('open', NULL, new_kind, home, first_user, first_role)
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not open this scope';
    END IF;
    INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
    -- The flush at the end of this transaction sets `active_at`.
    VALUES (new_id, new_name, new_kind, home, 0, 0, 0, true, to_timestamp(0));
    INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
    VALUES (new_id, first_user, first_role, 1, 0, false);
    PERFORM remember('app.moved', new_id);
END $$;

CREATE OR REPLACE FUNCTION grant_membership(
    scope uuid, member uuid, new_role text, is_held boolean, from_now boolean
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target recovery_scope;
BEGIN
    SELECT s.* INTO target FROM recovery_scope AS s WHERE s.id = scope;
    IF NOT may_place('grant', scope, target.kind, target.home_id, member, new_role) THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not grant this role here';
    END IF;
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
    PERFORM remember('app.moved', scope);
END $$;

-- An ended membership keeps its row. A member who returns then has a higher grant, and their phone
-- purges what it still holds from the first time. False: it has ended already.
CREATE OR REPLACE FUNCTION revoke_membership(scope uuid, member uuid)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target recovery_scope;
    ended recovery_membership;
BEGIN
    SELECT s.* INTO target FROM recovery_scope AS s WHERE s.id = scope;
    SELECT m.* INTO ended FROM recovery_membership AS m
    WHERE m.scope_id = scope AND m.user_id = member AND m.role <> 'gone' FOR NO KEY UPDATE;
    IF member IS DISTINCT FROM acting_user() AND NOT may_place(
        'revoke', scope, target.kind, target.home_id, member, coalesce(ended.role, 'gone')
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not end this membership';
    END IF;
    UPDATE recovery_membership SET role = 'gone', "grant" = "grant" + 1, held = true
    WHERE scope_id = scope AND user_id = member AND role <> 'gone';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM remember('app.moved', scope);
    IF NOT ended.held THEN
        PERFORM remember('app.left', scope);
    END IF;
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION release_memberships(member uuid)
RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scope uuid;
BEGIN
    IF member IS DISTINCT FROM acting_user() AND NOT is_system() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the person concerned';
    END IF;
    FOR scope IN
        UPDATE recovery_membership SET held = false, "grant" = "grant" + 1
        WHERE user_id = member AND held AND role <> 'gone' RETURNING scope_id
    LOOP
        PERFORM remember('app.moved', scope);
        RETURN NEXT scope;
    END LOOP;
END $$;

-- Change a member of staff's role, or end it (NULL), in every scope of the programme at once, so
-- that no one keeps access to a patient's record after losing the role that gave it. For those who
-- may give the role on the programme's staff.
CREATE OR REPLACE FUNCTION change_staff_places(
    programme uuid, staff_scope uuid, member uuid, new_role text
) RETURNS SETOF uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    scope uuid;
BEGIN
    IF NOT is_system() AND NOT EXISTS (
        SELECT FROM place_rules() AS r
        WHERE r.verb = 'grant' AND r.kind = 'staff' AND r.role = coalesce(new_role, r.role)
          AND r.by_role = role_at('staff', staff_scope, programme, acting_user())
    ) THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not change the staff of this programme';
    END IF;
    FOR scope IN
        UPDATE recovery_membership AS m
        SET role = coalesce(new_role, 'gone'), held = new_role IS NULL, "grant" = m."grant" + 1
        FROM recovery_scope AS s
        WHERE s.id = m.scope_id AND s.home_id = programme AND m.user_id = member
          AND m.role NOT IN ('gone', 'patient')
          AND (s.kind = 'care' OR new_role IS NULL AND s.kind NOT IN ('person', 'library'))
        RETURNING m.scope_id
    LOOP
        PERFORM remember('app.moved', scope);
        IF new_role IS NULL THEN
            PERFORM remember('app.left', scope);
        END IF;
        RETURN NEXT scope;
    END LOOP;
END $$;

-- What only the functions above, or those of other files that run as the owner, may ask or do.
DO $$
DECLARE
    inner_function text;
BEGIN
    FOREACH inner_function IN ARRAY ARRAY[
        'become(uuid)', 'role_at(text, uuid, uuid, uuid)',
        'may_place(text, uuid, text, uuid, uuid, text)'] LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC, app, jobs', inner_function);
    END LOOP;
END $$;
