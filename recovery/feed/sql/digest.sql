-- What a phone that is up to date should hold in each scope: the head, the grant under which it
-- reads, the number of documents and the XOR of their digests. One statement, one snapshot and the
-- caller's rights, as in the pull.
-- `unseen` lists the kinds that are not sent to an app of an older schema.

CREATE OR REPLACE FUNCTION scope_digests(
    reader uuid, client uuid, unseen text[], only_names text[]
) RETURNS TABLE (epoch text, digests text) LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('app.user_id', reader::text, true);
    PERFORM FROM recovery_syncclient AS c
    WHERE c.scope_id = reader AND c.id = client AND c.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    epoch := sync_epoch();
    SELECT coalesce(json_agg(json_build_object('scope', s.name, 'head', s.seq, 'grant', m."grant",
               'count', f.n, 'xor', lpad(to_hex(f.digest), 16, '0')) ORDER BY s.name)::text, '[]')
    INTO digests
    FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
    CROSS JOIN LATERAL (
        SELECT count(*) AS n, coalesce(bit_xor(e.digest), 0) AS digest
        FROM recovery_feedentry AS e
        WHERE e.scope_id = s.id AND e.seq > m.visible_from AND NOT e.deleted
          AND (e.since IS NULL OR e.since > m.visible_from)
          AND e.kind <> ALL(unseen)
    ) AS f
    WHERE m.user_id = reader AND NOT m.held AND s.is_open
      AND (only_names IS NULL OR s.name = ANY(only_names));
    RETURN NEXT;
END $$;
