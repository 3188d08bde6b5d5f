-- The pull. It is one statement and so one snapshot, because a STABLE function sees the data as of
-- the statement that calls it. It reads the results of the phone's mutations. Then it decides for
-- each scope of the user whether the phone's position is still valid, and reads what the phone does
-- not have yet, up to `page` documents per scope. Documents are stored and sent as JSON text.
-- Nothing is parsed or rendered on the way.
--
-- A phone may ask in another schema than it used before, usually after an update of the app.
-- `changed` maps the schema it used before to the kinds that differ. The phone reads a scope again
-- only if the scope holds one of those kinds.
--
-- force_generic_plan: PostgreSQL expects a plan for the actual parameters to be cheaper and would
-- plan each call again, but planning takes as long as reading 50 documents.
--
-- The function runs with the caller's rights, so row-level security applies.

CREATE OR REPLACE FUNCTION pull(
    reader uuid, client uuid, acked jsonb, asked_epoch text, schema text, changed jsonb,
    page integer, positions jsonb, only_names text[]
) RETURNS TABLE (
    epoch text, lmid text, last_seen timestamptz, known_schema integer, results text,
    scopes text, dropped text[], has_more boolean
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM set_config('app.user_id', reader::text, true);
    epoch := sync_epoch();

    -- A phone that has acknowledged everything has no results to read: the usual case.
    SELECT c.lmid::text, c.last_seen, c.schema, CASE WHEN c.lmid = acked THEN '[]' ELSE coalesce((
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                   'id', r.mutation_id, 'uuid', r.id, 'lane', r.lane, 'status', r.status,
                   'code', nullif(r.code, ''))) || coalesce(r.detail, '{}') ORDER BY r.mutation_id)
        FROM recovery_receipt AS r
        WHERE r.scope_id = reader AND r.client_id = client
          AND r.mutation_id > coalesce((acked ->> r.lane)::bigint, 0))::text, '[]') END
    INTO lmid, last_seen, known_schema, results FROM recovery_syncclient AS c
    WHERE c.scope_id = reader AND c.id = client AND c.revoked_at IS NULL;
    IF NOT FOUND THEN
        RETURN;
    END IF;

    WITH cursor AS (
        SELECT name, (pos ->> 0)::bigint AS seq, (pos ->> 1)::bigint AS base, pos ->> 2 AS granted
        FROM jsonb_each(positions) AS sent(name, pos)
    ), mine AS (
        SELECT s.id, s.name, s.kind, s.seq AS head, s.active_at, m.visible_from, c.seq, c.base,
               m."grant" || '.' || schema AS granted, c.granted AS known_grant,
               CASE WHEN c.name IS NULL OR asked_epoch <> pull.epoch THEN 'sweep'
                    WHEN split_part(c.granted, '.', 1) <> m."grant"::text THEN 'purge'
                    WHEN c.granted <> m."grant" || '.' || schema
                         AND ((changed -> split_part(c.granted, '.', 2)) IS NULL OR EXISTS (
                             SELECT FROM recovery_feedentry AS e
                             WHERE e.scope_id = s.id AND e.kind = ANY(ARRAY(
                                 SELECT jsonb_array_elements_text(
                                     changed -> split_part(c.granted, '.', 2)))))) THEN 'sweep'
                    WHEN c.seq > s.seq OR c.base > s.seq
                         OR greatest(c.seq, c.base) < s.floor THEN 'sweep'
               END AS reset
        FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
        LEFT JOIN cursor AS c ON c.name = s.name
        WHERE m.user_id = reader AND NOT m.held AND s.is_open
          AND (only_names IS NULL OR s.name = ANY(only_names))
    ), stale AS (
        SELECT *, CASE WHEN reset IS NULL THEN base ELSE head END AS new_base,
               greatest(CASE WHEN reset IS NULL THEN seq ELSE 0 END, visible_from) AS start
        FROM mine WHERE reset IS NOT NULL OR seq < head OR known_grant <> granted
    ), ordered AS (
        -- What matters most comes first. A scope has at most head - start entries to send, so a
        -- scope is not read at all if those before it may already fill the page.
        SELECT *, row_number() OVER by_importance AS place,
               coalesce(sum(least(head - start, page)) OVER (by_importance
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) < page AS fits
        FROM stale WINDOW by_importance AS (ORDER BY array_position(ARRAY['person', 'care',
            'supporter', 'pair', 'group', 'moderators', 'staff', 'program', 'library'], kind),
            active_at DESC, id)
    ), filled AS (
        SELECT o.*, f.* FROM ordered AS o CROSS JOIN LATERAL (
            SELECT count(*) AS n, max(e.seq) AS last,
                   string_agg('["' || e.kind || '","' || e.object_id || '",' || e.seq || ','
                       || e.doc || ']', ',' ORDER BY e.seq) FILTER (WHERE NOT e.deleted) AS put,
                   string_agg('["' || e.kind || '","' || e.object_id || '",' || e.seq || ']', ','
                       ORDER BY e.seq) FILTER (WHERE e.deleted) AS del
            FROM (SELECT * FROM recovery_feedentry AS e
                  WHERE e.scope_id = o.id AND e.seq > o.start
                    AND (e.since IS NULL OR e.since > o.visible_from)
                    AND NOT (e.deleted AND e.seq <= o.new_base)
                  ORDER BY e.seq LIMIT page) AS e
        ) AS f WHERE o.fits
    )
    SELECT '[' || coalesce(string_agg('{"scope":"' || name || '","pos":[' || CASE WHEN n < page THEN head ELSE last
               END || ',' || new_base || ',"' || granted || '"],"head":' || head || ',"reset":'
               || coalesce('"' || reset || '"', 'null') || ',"put":[' || coalesce(put, '')
               || '],"del":[' || coalesce(del, '') || ']}', ',' ORDER BY place), '') || ']',
           coalesce(bool_or(n >= page), false) OR EXISTS (SELECT FROM ordered WHERE NOT fits),
           ARRAY(SELECT name FROM cursor WHERE only_names IS NULL
                 AND NOT EXISTS (SELECT FROM mine WHERE mine.name = cursor.name))
    INTO scopes, has_more, dropped FROM filled;
    RETURN NEXT;
END $$;
