-- Statistics: proportional hazards -------------------------------------------

CREATE TYPE cox_model;
COMMENT ON TYPE cox_model IS
'Proportional hazards: how features multiply the rate of an event; text form "cox_model:" and base64, portable and checked; read it with cox_coefficients';

CREATE FUNCTION cox_model_in(cstring)
RETURNS cox_model
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION cox_model_in(cstring) IS
'Text input of cox_model';

CREATE FUNCTION cox_model_out(cox_model)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION cox_model_out(cox_model) IS
'Text output of cox_model';

CREATE FUNCTION cox_model_recv(internal)
RETURNS cox_model
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION cox_model_recv(internal) IS
'Binary input of cox_model';

CREATE FUNCTION cox_model_send(cox_model)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION cox_model_send(cox_model) IS
'Binary output of cox_model';

CREATE TYPE cox_model (
    INPUT = cox_model_in,
    OUTPUT = cox_model_out,
    RECEIVE = cox_model_recv,
    SEND = cox_model_send,
    STORAGE = external
);

CREATE FUNCTION cox_trans(internal, duration float8, event boolean, features record)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION cox_trans(internal, float8, boolean, record) IS
'Support of cox_agg: adds a row';

CREATE FUNCTION cox_trans(internal, duration float8, event boolean, features record, options jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION cox_trans(internal, float8, boolean, record, jsonb) IS
'Support of cox_agg: adds a row';

CREATE FUNCTION cox_trans(internal, duration interval, event boolean, features record)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_interval_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION cox_trans(internal, interval, boolean, record) IS
'Support of cox_agg: adds a row';

CREATE FUNCTION cox_trans(internal, duration interval, event boolean, features record, options jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_interval_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION cox_trans(internal, interval, boolean, record, jsonb) IS
'Support of cox_agg: adds a row';

CREATE FUNCTION cox_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_combine'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_combine(internal, internal) IS
'Support of cox_agg: adds what a worker gathered';

CREATE FUNCTION cox_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_serial'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 1000000000;
COMMENT ON FUNCTION cox_serial(internal) IS
'Support of cox_agg: packs what a worker gathered; its cost keeps the planner from shipping rows';

CREATE FUNCTION cox_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_deserial'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_deserial(bytea, internal) IS
'Support of cox_agg: unpacks what a worker gathered';

CREATE FUNCTION cox_final(internal)
RETURNS cox_model
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_final'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100000;
COMMENT ON FUNCTION cox_final(internal) IS
'Support of cox_agg: fits the model';

CREATE AGGREGATE cox_agg(duration float8, event boolean, features record)
(
    SFUNC = cox_trans,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = cox_final,
    COMBINEFUNC = cox_combine,
    SERIALFUNC = cox_serial,
    DESERIALFUNC = cox_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE cox_agg(float8, boolean, record) IS
'Fits proportional hazards: duration until the event, or so far where event is false, and the features that may hasten it; by Efron''s approximation';

CREATE AGGREGATE cox_agg(duration float8, event boolean, features record, options jsonb)
(
    SFUNC = cox_trans,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = cox_final,
    COMBINEFUNC = cox_combine,
    SERIALFUNC = cox_serial,
    DESERIALFUNC = cox_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE cox_agg(float8, boolean, record, jsonb) IS
'Fits proportional hazards: duration until the event, or so far where event is false, and the features that may hasten it; by Efron''s approximation; options ties (efron, breslow), l2, include, exclude';

CREATE AGGREGATE cox_agg(duration interval, event boolean, features record)
(
    SFUNC = cox_trans,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = cox_final,
    COMBINEFUNC = cox_combine,
    SERIALFUNC = cox_serial,
    DESERIALFUNC = cox_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE cox_agg(interval, boolean, record) IS
'Fits proportional hazards of durations, kept in seconds';

CREATE AGGREGATE cox_agg(duration interval, event boolean, features record, options jsonb)
(
    SFUNC = cox_trans,
    STYPE = internal,
    SSPACE = 65536,
    FINALFUNC = cox_final,
    COMBINEFUNC = cox_combine,
    SERIALFUNC = cox_serial,
    DESERIALFUNC = cox_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE cox_agg(interval, boolean, record, jsonb) IS
'Fits proportional hazards of durations, kept in seconds; options ties (efron, breslow), l2, include, exclude';

CREATE FUNCTION cox_coefficients(model cox_model, confidence double precision DEFAULT 0.95)
RETURNS TABLE(
    feature text,
    level text,
    coefficient double precision,
    std_error double precision,
    z double precision,
    p_value double precision,
    hazard_ratio double precision,
    low double precision,
    high double precision
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_coefficients'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 20;
COMMENT ON FUNCTION cox_coefficients(cox_model, double precision) IS
'Logarithms of hazard ratios, per unit of a number and per level against the most frequent one, with Wald tests; the hazard ratios with their interval';

CREATE FUNCTION cox_summary(
    model cox_model,
    OUT rows bigint,
    OUT events bigint,
    OUT skipped bigint,
    OUT ties text,
    OUT l2 double precision,
    OUT df bigint,
    OUT concordance double precision,
    OUT log_likelihood double precision,
    OUT null_log_likelihood double precision,
    OUT p_value double precision
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_summary(cox_model) IS
'What a model was fitted to and how well: Harrell''s concordance, partial log-likelihoods, the p-value of the likelihood-ratio test of all coefficients (NULL if penalised)';

CREATE FUNCTION cox_warnings(model cox_model)
RETURNS TABLE(code text, feature text, level text, message text)
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_warnings'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 5;
COMMENT ON FUNCTION cox_warnings(cox_model) IS
'What to know before trusting a model: no_events, few_events, monotone, constant_feature, collinear';

CREATE FUNCTION cox_baseline(model cox_model)
RETURNS TABLE(at_time double precision, cumulative_hazard double precision, survival double precision)
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_baseline'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 100;
COMMENT ON FUNCTION cox_baseline(cox_model) IS
'Breslow''s cumulative hazard of the average training row; up to 1,000 times, of more every thousandth that its survival loses';

CREATE FUNCTION cox_risk(model cox_model, features record)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_risk'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_risk(cox_model, record) IS
'The rate of the event for a row, over that for the average training row';

CREATE FUNCTION cox_survival(model cox_model, features record, t float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_survival'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_survival(cox_model, record, float8) IS
'The chance of a row to have had no event by a time; NULL past the longest training duration';

CREATE FUNCTION cox_survival(model cox_model, features record, t interval)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_cox_survival_interval'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION cox_survival(cox_model, record, interval) IS
'The chance of a row to have had no event by a time; of a model fitted to intervals';
