-- Lead scoring: signals that fade --------------------------------------

CREATE TYPE signal_summary;
COMMENT ON TYPE signal_summary IS
'Sums of signals that fade: text form "signal_summary:" and base64, portable and checked; read it with signal_score';

CREATE FUNCTION signal_summary_in(cstring)
RETURNS signal_summary
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_summary_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION signal_summary_in(cstring) IS 'Text input of signal_summary';

CREATE FUNCTION signal_summary_out(signal_summary)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_summary_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION signal_summary_out(signal_summary) IS 'Text output of signal_summary';

CREATE FUNCTION signal_summary_recv(internal)
RETURNS signal_summary
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_summary_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION signal_summary_recv(internal) IS 'Binary input of signal_summary';

CREATE FUNCTION signal_summary_send(signal_summary)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_summary_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION signal_summary_send(signal_summary) IS 'Binary output of signal_summary';

CREATE TYPE signal_summary (
    INPUT = signal_summary_in,
    OUTPUT = signal_summary_out,
    RECEIVE = signal_summary_recv,
    SEND = signal_summary_send,
    STORAGE = external
);

CREATE FUNCTION signal_decay(value float8, weight float8, age interval, half_life interval)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_decay'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_decay(float8, float8, interval, interval) IS
'One term of a signal score: value times weight, halved for every half-life of age';

CREATE FUNCTION signal_trans(internal, value float8, weight float8, age interval, half_life interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_trans(internal, float8, float8, interval, interval) IS
'Support of signal_agg: adds a row';

CREATE FUNCTION signal_inverse(internal, value float8, weight float8, age interval, half_life interval)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_inverse'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_inverse(internal, float8, float8, interval, interval) IS
'Support of signal_agg: takes a row away that leaves the window; NULL if the window must start afresh';

CREATE FUNCTION signal_rollup_trans(internal, signal_summary)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_rollup_trans(internal, signal_summary) IS
'Support of rollup: adds a value';

CREATE FUNCTION signal_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_combine(internal, internal) IS
'Support of signal_agg and rollup: adds the sums of a worker';

CREATE FUNCTION signal_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_serial(internal) IS
'Support of signal_agg and rollup: packs the sums of a worker';

CREATE FUNCTION signal_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_deserial(bytea, internal) IS
'Support of signal_agg and rollup: unpacks the sums of a worker';

CREATE FUNCTION signal_final(internal)
RETURNS signal_summary
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_final(internal) IS
'Support of signal_agg and rollup: packs the sums';

CREATE AGGREGATE signal_agg(value float8, weight float8, age interval, half_life interval)
(
    SFUNC = signal_trans,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = signal_final,
    COMBINEFUNC = signal_combine,
    SERIALFUNC = signal_serial,
    DESERIALFUNC = signal_deserial,
    MSFUNC = signal_trans,
    MINVFUNC = signal_inverse,
    MSTYPE = internal,
    MSSPACE = 128,
    MFINALFUNC = signal_final,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE signal_agg(float8, float8, interval, interval) IS
'Gathers weighted signals that count half after each half-life; read the score with signal_score; works as a moving window';

CREATE AGGREGATE rollup(summary signal_summary)
(
    SFUNC = signal_rollup_trans,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = signal_final,
    COMBINEFUNC = signal_combine,
    SERIALFUNC = signal_serial,
    DESERIALFUNC = signal_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(signal_summary) IS
'The signals behind several values together, as if they had been aggregated at once';

CREATE FUNCTION signal_score(summary signal_summary)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_signal_score'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION signal_score(signal_summary) IS
'100 * sum(weight * value * 2^(-age / half_life)) / sum(weight): 100 for fresh signals of value 1; NULL if nothing has weight';
