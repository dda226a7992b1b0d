-- Behaviour: measures of sequences -------------------------------------

CREATE FUNCTION sequence_entropy(s event_sequence)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_entropy'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_entropy(event_sequence) IS
'How evenly a sequence spreads over its own different events: Shannon entropy as a share of the largest possible, 0 to 1';

CREATE FUNCTION sequence_entropy(s event_sequence, states integer)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_entropy'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_entropy(event_sequence, integer) IS
'Shannon entropy of a sequence as a share of what so many different events allow: comparable between sequences';

CREATE FUNCTION sequence_complexity(s event_sequence)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_complexity'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_complexity(event_sequence) IS
'sqrt(changes / (length - 1) * entropy), 0 to 1, with the entropy over the events of the sequence';

CREATE FUNCTION sequence_complexity(s event_sequence, states integer)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_complexity'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_complexity(event_sequence, integer) IS
'sqrt(changes / (length - 1) * entropy), 0 to 1, with the entropy over so many different events: comparable between sequences';

CREATE FUNCTION sequence_turbulence(s event_sequence)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_turbulence'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION sequence_turbulence(event_sequence) IS
'log2(phi * (s2max + 1) / (s2 + 1)): the distinct subsequences of the spells of a sequence, and how even the spells are; 1 for a single spell';

CREATE FUNCTION sequence_distance(a event_sequence, b event_sequence, method text)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_distance'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION sequence_distance(event_sequence, event_sequence, text) IS
'How far two sequences are apart: lcs (events not in the longest common subsequence), om (the same: insertions and deletions cost 1, substitutions 2), levenshtein (all cost 1), hamming (places that differ)';

CREATE FUNCTION sequence_similarity(s event_sequence, pattern_events text[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_sequence_measure_similarity'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION sequence_similarity(event_sequence, text[]) IS
'The share of given events, 0 to 100, that a sequence has in this order, whatever lies between';
