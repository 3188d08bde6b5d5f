-- Enrolment happens before anyone is signed in. The code itself is the credential.

-- Redeem a code with the date of birth as it is recorded now: a code that was handed over keeps
-- working when staff correct the date. Of two requests at the same time, the second waits for the row lock and then sees
-- that the code is used. The same install can repeat the request for ten minutes, because the
-- response may have been lost. The invited person becomes the acting user. For a used, expired,
-- revoked or unknown code and for a wrong date of birth alike, the one SELECT returns no row, so
-- that the response cannot reveal the reason.
CREATE OR REPLACE FUNCTION redeem_invitation(
    presented bytea[], born date, by_install bytea, at timestamptz
)
RETURNS TABLE (user_id uuid, by_email boolean, is_first boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    taken recovery_invitation;
BEGIN
    SELECT i.* INTO taken FROM recovery_invitation AS i
    JOIN recovery_user AS u ON u.id = i.user_id AND u.is_active
    JOIN recovery_person AS p ON p.scope_id = i.user_id AND p.id = i.user_id
        AND p.date_of_birth IS NOT DISTINCT FROM born
    WHERE i.code_hash = ANY(presented) AND i.revoked_at IS NULL
        AND (i.used_at IS NULL AND i.expires_at > at
             OR i.used_by = by_install AND i.used_at > at - interval '10 minutes')
    FOR NO KEY UPDATE OF i;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE recovery_invitation AS i SET used_at = at, used_by = by_install
    WHERE i.id = taken.id AND i.scope_id = taken.scope_id AND i.used_at IS NULL;
    PERFORM set_config('app.user_id', taken.user_id::text, true);
    RETURN QUERY SELECT taken.user_id, taken.by_email, taken.used_at IS NULL;
END $$;

-- Everyone reads the library of their language. It belongs to no programme, and is created here if
-- nothing has been published in it yet. The kind is checked, so that no other scope can be joined.
CREATE OR REPLACE FUNCTION join_library(library uuid, library_name text, member uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
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
END $$;
