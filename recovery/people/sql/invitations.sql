-- Enrolment happens before anyone is signed in. The code itself is the credential.

-- Redeem a code with the date of birth as it is recorded now: a code that was handed over keeps
-- working when staff correct the date. Of two requests at the same time, the second waits for the
-- row lock and then sees that the code is used. The same install can repeat the request for ten
-- minutes, because the response may have been lost. The invited person becomes the acting user. For
-- a used, expired, revoked, refused or unknown code and for a wrong date of birth alike, the one
-- SELECT returns no row, so that the response cannot reveal the reason. A code that still waits, for
-- a second member of staff or for the owner to refuse it, is not redeemed; only who knows it learns
-- that.
CREATE OR REPLACE FUNCTION redeem_invitation(
    presented bytea[], born date, by_install bytea, at timestamptz
)
RETURNS TABLE (
    invitation uuid, user_id uuid, by_email boolean, sent_to bytea, resets_factors boolean,
    is_first boolean, waits boolean, usable_from timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    taken recovery_invitation;
BEGIN
    SELECT i.* INTO taken FROM recovery_invitation AS i
    JOIN recovery_user AS u ON u.id = i.user_id AND u.is_active
    JOIN recovery_person AS p ON p.scope_id = i.user_id AND p.id = i.user_id
        AND p.date_of_birth IS NOT DISTINCT FROM born
    WHERE i.code_hash = ANY(presented) AND i.revoked_at IS NULL AND i.refused_at IS NULL
        AND (i.used_at IS NULL AND i.expires_at > at
             OR i.used_by = by_install AND i.used_at > at - interval '10 minutes')
    FOR NO KEY UPDATE OF i;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    waits := taken.used_at IS NULL AND (
        taken.needs_approval AND taken.approved_at IS NULL OR coalesce(taken.usable_from > at, false));
    IF NOT waits THEN
        UPDATE recovery_invitation AS i SET used_at = at, used_by = by_install
        WHERE i.id = taken.id AND i.scope_id = taken.scope_id AND i.used_at IS NULL;
        PERFORM set_config('app.user_id', taken.user_id::text, true);
    END IF;
    RETURN QUERY SELECT taken.id, taken.user_id, taken.by_email, taken.sent_to,
        taken.resets_factors, taken.used_at IS NULL, waits, taken.usable_from;
END $$;

-- Whether this was ever a code of ours: tries with others need not be counted.
CREATE OR REPLACE FUNCTION was_a_code(presented bytea[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM recovery_invitation AS i WHERE i.code_hash = ANY(presented))
$$;

-- The owner of the account refuses a code, or confirms that they asked for it. The row is in a scope
-- of staff, so only this function lets its owner write there. A refused code is not sent any more;
-- people/actions/invitations.py names its letter. No row: the code works no more.
CREATE OR REPLACE FUNCTION answer_invitation(invitation uuid, refuse boolean, at timestamptz)
RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH answered AS (
        UPDATE recovery_invitation AS i
        SET refused_at = CASE WHEN refuse THEN at END,
            usable_from = CASE WHEN refuse THEN i.usable_from ELSE least(i.usable_from, at) END
        WHERE i.id = invitation AND i.user_id = acting_user() AND i.used_at IS NULL
            AND i.revoked_at IS NULL AND i.refused_at IS NULL AND i.expires_at > at
        RETURNING i.id, i.scope_id
    ), unsent AS (
        UPDATE notifications_letter AS l SET expires = transaction_timestamp() FROM answered AS a
        WHERE refuse AND l.scope_id = a.scope_id AND l.dedupe = 'invitation:' || a.id
            AND l.state = 'planned'
    )
    SELECT a.id FROM answered AS a
$$;

-- An address that the acting user has proved to read becomes their sign-in name. An account that has
-- ended signs in no more, so its address is free for the next one; only this function may take it
-- from there. False: another account signs in with it. Of two who claim it at the same time, the
-- second waits and then finds it taken.
CREATE OR REPLACE FUNCTION claim_address(claimant uuid, address text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF claimant IS DISTINCT FROM acting_user() THEN
        RAISE insufficient_privilege USING MESSAGE = 'only the acting user';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('people.address/' || address, 0));
    UPDATE recovery_user AS u SET email = NULL
    WHERE u.email = address AND NOT u.is_active AND u.id <> claimant;
    UPDATE recovery_user AS u SET email = address
    WHERE u.id = claimant AND NOT EXISTS (
        SELECT FROM recovery_user AS o WHERE o.email = address AND o.id <> claimant);
    RETURN FOUND;
END $$;

-- Everyone reads the library of their language. It belongs to no programme, and is created here if
-- nothing has been published in it yet. Nothing but a library of libraries(), which apply_walls
-- makes from the languages that ship, can be created or joined: by the member, or by those who may
-- open their account.
CREATE OR REPLACE FUNCTION join_library(library uuid, library_name text, member uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM libraries() AS l WHERE l.id = library AND l.name = library_name)
        OR member IS DISTINCT FROM acting_user() AND NOT may_place(
            'open', NULL, 'person', (SELECT home_id FROM recovery_scope WHERE id = member), member,
            'self')
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not join this library';
    END IF;
    INSERT INTO recovery_scope (id, name, kind, home_id, seq, floor, acl, is_open, active_at)
    VALUES (library, library_name, 'library', '00000000-0000-0000-0000-000000000000', 0, 0, 0,
            true, transaction_timestamp())
    ON CONFLICT (id) DO NOTHING;
    INSERT INTO recovery_membership (scope_id, user_id, role, "grant", visible_from, held)
    SELECT id, member, 'reader', 1, 0, false FROM recovery_scope
    WHERE id = library AND kind = 'library'
    -- A person who has come back to the language of an earlier time.
    ON CONFLICT (scope_id, user_id) DO UPDATE SET role = excluded.role, held = false,
        "grant" = recovery_membership."grant" + 1 WHERE recovery_membership.role = 'gone';
    PERFORM remember('app.moved', library);
END $$;
