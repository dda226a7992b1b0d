-- Lead scoring: drift ----------------------------------------------------

CREATE TYPE lead_drift;
COMMENT ON TYPE lead_drift IS
'Rows of today counted against what a model learned from: text form "lead_drift:" and base64, portable and checked; read it with lead_drift_report';

CREATE FUNCTION lead_drift_in(cstring)
RETURNS lead_drift
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_in(cstring) IS 'Text input of lead_drift';

CREATE FUNCTION lead_drift_out(lead_drift)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_out(lead_drift) IS 'Text output of lead_drift';

CREATE FUNCTION lead_drift_recv(internal)
RETURNS lead_drift
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_recv(internal) IS 'Binary input of lead_drift';

CREATE FUNCTION lead_drift_send(lead_drift)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_send(lead_drift) IS 'Binary output of lead_drift';

CREATE TYPE lead_drift (
    INPUT = lead_drift_in,
    OUTPUT = lead_drift_out,
    RECEIVE = lead_drift_recv,
    SEND = lead_drift_send,
    STORAGE = external
);

-- The aggregates

CREATE FUNCTION lead_drift_trans(internal, lead_model, record)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION lead_drift_trans(internal, lead_model, record) IS
'Support of lead_drift_agg: counts a row';

CREATE FUNCTION lead_drift_rollup_trans(internal, lead_drift)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_rollup_trans(internal, lead_drift) IS
'Support of rollup: adds the rows of a value';

CREATE FUNCTION lead_drift_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_combine(internal, internal) IS
'Support of lead_drift_agg and rollup: adds the rows of a worker';

CREATE FUNCTION lead_drift_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_serial(internal) IS
'Support of lead_drift_agg and rollup: packs the counts of a worker';

CREATE FUNCTION lead_drift_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_deserial(bytea, internal) IS
'Support of lead_drift_agg and rollup: unpacks the counts of a worker';

CREATE FUNCTION lead_drift_final(internal)
RETURNS lead_drift
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_final(internal) IS
'Support of lead_drift_agg and rollup: packs the counts';

CREATE AGGREGATE lead_drift_agg(model lead_model, features record)
(
    SFUNC = lead_drift_trans,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = lead_drift_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = lead_drift_combine,
    SERIALFUNC = lead_drift_serial,
    DESERIALFUNC = lead_drift_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE lead_drift_agg(lead_model, record) IS
'Counts rows by the bins of the model''s training rows, feature by feature and by score; all rows must be against the same model; NULL if that was not fitted';

CREATE AGGREGATE rollup(drift lead_drift)
(
    SFUNC = lead_drift_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = lead_drift_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = lead_drift_combine,
    SERIALFUNC = lead_drift_serial,
    DESERIALFUNC = lead_drift_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(lead_drift) IS
'The drift of all the rows behind several values, as if they had been aggregated at once';

-- Reading it

CREATE FUNCTION lead_drift_report(drift lead_drift, level float8 DEFAULT 0.95)
RETURNS TABLE(
    feature text,
    psi float8,
    critical_psi float8,
    missing_then float8,
    missing_now float8,
    drifted boolean
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_report'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 20;
COMMENT ON FUNCTION lead_drift_report(lead_drift, float8) IS
'Population stability index of the score, in the first row, and of each feature, by how far it has moved; critical_psi is what chance alone exceeds with probability 1 - level, given the rows then and now';

CREATE FUNCTION lead_drift_rows(drift lead_drift)
RETURNS bigint
AS 'MODULE_PATHNAME', 'sales_intel_lead_drift_rows'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_drift_rows(lead_drift) IS
'How many rows of today a drift counts';
