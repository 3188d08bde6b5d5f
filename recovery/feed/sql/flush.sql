-- The end of an action: number what changed and store its documents. Scopes are locked in the
-- order of their ids and nothing is locked after them, so two flushes cannot deadlock.
--
-- `said_at` holds the time at which a person wrote the row, or NULL for kinds that people do not
-- write.
-- `since` is the number at which such an entry was first published. It never exceeds the
-- `visible_from` of a member who joined after the row was written, so the entry stays hidden from
-- them even when it is edited or recreated. It gets no document once it is too old for the feed.
--
-- It runs as the owner, so it checks each scope by what the transaction may do there (scopes.sql).
-- Without an author the feed is aged or repaired, which is for jobs.
--
-- Returned per scope: `tombstones`, the numbers of the entries without a document, and `for_all`,
-- whether every member may see every entry.

CREATE OR REPLACE FUNCTION feed_digest(kind text, object_id uuid, seq bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT ('x' || substr(encode(sha256(convert_to(kind || ':' || object_id || ':' || seq, 'UTF8')),
                                 'hex'), 1, 16))::bit(64)::bigint
$$;

CREATE OR REPLACE FUNCTION flush_feed(
    scopes uuid[], kinds text[], objects uuid[], docs text[], said_at timestamptz[],
    changed_acl uuid[], author uuid, at timestamptz
) RETURNS TABLE (scope_id uuid, scope_name text, seq_from bigint, seq_to bigint,
                 acl bigint, tombstones bigint[], for_all boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    target record;
    aged timestamptz;
    veil bigint;
BEGIN
    IF NOT is_system() THEN
        IF author IS DISTINCT FROM acting_user() THEN
            RAISE insufficient_privilege USING MESSAGE = 'only the acting user';
        END IF;
        IF changed_acl <> '{}' AND NOT changed_acl <@ remembered('app.moved') THEN
            RAISE insufficient_privilege USING MESSAGE = 'no membership of this scope has changed';
        END IF;
        -- Someone for whom the transaction has acted must be a member of each scope, and more than
        -- a reader of it, or have been one when the transaction began.
        IF EXISTS (
            SELECT FROM unnest(scopes) AS u(scope) WHERE NOT EXISTS (
                SELECT FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
                WHERE m.scope_id = u.scope AND NOT m.held AND NOT only_reads(s.kind, m.role)
                  AND (m.user_id = author OR m.user_id = ANY (remembered('app.acted_for')))
            ) AND u.scope <> ALL (remembered('app.left'))
        ) THEN
            RAISE insufficient_privilege USING MESSAGE = 'not a member of this scope';
        END IF;
    END IF;
    FOR target IN
        SELECT c.id, count(c.object) AS n, bool_or(c.object IS NULL) AS members_changed
        FROM (SELECT s AS id, o AS object FROM unnest(scopes, objects) AS u(s, o)
              UNION ALL SELECT a, NULL FROM unnest(changed_acl) AS a) AS c
        GROUP BY c.id ORDER BY c.id
    LOOP
        IF target.members_changed THEN
            -- Lock in a statement of its own. A statement sees only what was committed before it
            -- began, so only the next ones see who joined or left while this one waited.
            PERFORM FROM recovery_scope AS s WHERE s.id = target.id FOR NO KEY UPDATE;
            -- Members who join "from now" (the 2^62 of scopes.sql) see nothing up to this number.
            -- Everything up to it was written no later than `active_at`.
            UPDATE recovery_membership AS m
            SET visible_from = s.seq, visible_since = CASE WHEN s.active_at > at
                THEN s.active_at + interval '1 microsecond' ELSE at END
            FROM recovery_scope AS s
            WHERE s.id = target.id AND m.scope_id = s.id AND m.visible_from = 4611686018427387904;
        END IF;
        UPDATE recovery_scope AS s
        SET seq = s.seq + target.n, acl = s.acl + target.members_changed::int,
            -- Without an author the feed is being aged or repaired, which is no activity.
            active_at = CASE WHEN author IS NULL THEN s.active_at
                        ELSE greatest(s.active_at, at) END,
            veiled_to = CASE WHEN target.members_changed THEN coalesce((
                SELECT max(m.visible_from) FROM recovery_membership AS m
                WHERE m.scope_id = target.id AND m.visible_from > 0 AND NOT m.held), 0)
                ELSE s.veiled_to END
        WHERE s.id = target.id
        RETURNING s.id, s.name, s.seq - target.n, s.seq, s.acl, s.aged_until, s.veiled_to
        INTO scope_id, scope_name, seq_from, seq_to, acl, aged, veil;
        IF NOT FOUND THEN
            RAISE no_data_found USING MESSAGE = 'no such scope';
        END IF;
        WITH stored AS (
            INSERT INTO recovery_feedentry AS f
                (scope_id, kind, object_id, seq, since, deleted, author_id, digest, doc, changed_at)
            SELECT target.id, e.kind, e.object, e.seq, CASE WHEN e.said_at IS NOT NULL THEN least(
                       e.seq, (SELECT min(m.visible_from) FROM recovery_membership AS m
                               WHERE m.scope_id = target.id AND m.visible_from > 0
                                 AND m.visible_since > e.said_at)) END,
                   e.doc IS NULL, author, feed_digest(e.kind, e.object, e.seq),
                   coalesce(e.doc, 'null'), at
            FROM (SELECT u.kind, u.object, u.said_at,
                         CASE WHEN u.said_at <= aged THEN NULL ELSE u.doc END AS doc,
                         seq_from + row_number() OVER (ORDER BY u.n) AS seq
                  FROM unnest(scopes, kinds, objects, docs, said_at) WITH ORDINALITY
                      AS u(scope, kind, object, doc, said_at, n)
                  WHERE u.scope = target.id) AS e
            ON CONFLICT ON CONSTRAINT recovery_feedentry_pkey DO UPDATE SET
                seq = excluded.seq, since = least(f.since, excluded.since),
                deleted = excluded.deleted, author_id = excluded.author_id,
                digest = excluded.digest, doc = excluded.doc, changed_at = excluded.changed_at
            RETURNING f.seq, f.since, f.deleted
        )
        SELECT array_agg(seq) FILTER (WHERE deleted), bool_and(coalesce(since > veil, true))
        INTO tombstones, for_all FROM stored;
        RETURN NEXT;
    END LOOP;
END $$;

-- An epoch changes when the data may have gone back in time: another cluster, another timeline
-- after point-in-time recovery or the promotion of a standby, or the operator's own counter.
--
-- The timeline is that of the log being written. The control file has a new one only after the
-- first checkpoint, which may take minutes, and meanwhile numbers that phones have seen are given
-- to other changes. A standby writes no log: there this fails, and nothing is served from it.
CREATE OR REPLACE FUNCTION sync_epoch() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT substr(md5(s.system_identifier || '/' ||
                      ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int || '/' ||
                      coalesce((SELECT counter FROM recovery_syncepoch), 0)), 1, 12)
    FROM pg_control_system() AS s
$$;
