-- Behaviour: patterns -------------------------------------------------

CREATE FUNCTION sequence_match(s event_sequence, pattern text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_match'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_match(event_sequence, text) IS
'Whether a sequence has events that match a pattern: names, . for any event, ... for anything between, (a|b), * + ? {m,n}, !a, and conditions on time such as [<= 90s]';

CREATE FUNCTION sequence_match(s event_sequence, pattern text, events text[])
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_match'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_match(event_sequence, text, text[]) IS
'Whether the given events of a sequence, all others left out, match a pattern in the spelling of ClickHouse: (?1) is the first of them; . and .* and (?t<=90)';

CREATE FUNCTION sequence_count(s event_sequence, pattern text)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_count'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_count(event_sequence, text) IS
'How many matches of a pattern a sequence has, each behind the one before: as many as can be';

CREATE FUNCTION sequence_count(s event_sequence, pattern text, events text[])
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_count'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_count(event_sequence, text, text[]) IS
'How many matches of a pattern in the spelling of ClickHouse a sequence has, each behind the one before: as many as can be';

CREATE FUNCTION sequence_find(s event_sequence, pattern text)
RETURNS TABLE(
    match integer,
    start_at timestamptz,
    end_at timestamptz,
    positions integer[]
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_find'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200
ROWS 10;
COMMENT ON FUNCTION sequence_find(event_sequence, text) IS
'The matches of a pattern, as sequence_count counts them: each is the one that ends first, and of those that end there the one whose events come first; positions in the sequence count from 1';

CREATE FUNCTION sequence_find(s event_sequence, pattern text, events text[])
RETURNS TABLE(
    match integer,
    start_at timestamptz,
    end_at timestamptz,
    positions integer[]
)
AS 'MODULE_PATHNAME', 'sales_intel_sequence_pattern_find'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200
ROWS 10;
COMMENT ON FUNCTION sequence_find(event_sequence, text, text[]) IS
'The matches of a pattern in the spelling of ClickHouse, as sequence_count counts them; positions in the sequence count from 1, events left out too';
