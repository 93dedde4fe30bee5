-- One row per broken promise; the migration is undone when there is any.

-- A key that may hold a null lets the same thing in twice unless nulls count as equal. An intent id is the one
-- exception: every skipped attempt has none.
SELECT format('%s: unique key with a nullable column that treats nulls as distinct', i.indexrelid::regclass) AS problem
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname IN ('ingest', 'decider', 'paper', 'live', 'portfolio', 'config')
  AND i.indisunique
  AND NOT i.indnullsnotdistinct
  AND i.indexrelid <> 'decider.copy_attempt_intent_id_key'::regclass
  AND EXISTS (
    SELECT FROM pg_attribute a
    WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND NOT a.attnotnull
  )

UNION ALL
SELECT format('%I.%I has no primary key', n.nspname, t.relname)
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname IN ('ingest', 'decider', 'paper', 'live', 'portfolio', 'config')
  AND t.relkind = 'r'
  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary)

UNION ALL
SELECT format('%I.%I.%I holds money and is %s, not bigint', table_schema, table_name, column_name, data_type)
FROM information_schema.columns
WHERE table_schema IN ('ingest', 'decider', 'paper', 'live', 'portfolio', 'config')
  AND column_name LIKE '%\_micros'
  AND data_type <> 'bigint'

UNION ALL
SELECT format('%s crosses schemas: owners share values, not foreign keys', c.conname)
FROM pg_constraint c
JOIN pg_class t ON t.oid = c.conrelid
JOIN pg_class o ON o.oid = c.confrelid
WHERE c.contype = 'f' AND t.relnamespace <> o.relnamespace;
