-- Statistics: durations until an event -------------------------------------

CREATE TYPE survival_curve;
COMMENT ON TYPE survival_curve IS
'Durations until an event, and those still waiting: text form "survival_curve:" and base64, portable and checked; read it with survival_table';

CREATE FUNCTION survival_curve_in(cstring)
RETURNS survival_curve
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION survival_curve_in(cstring) IS 'Text input of survival_curve';

CREATE FUNCTION survival_curve_out(survival_curve)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION survival_curve_out(survival_curve) IS
'Text output of survival_curve';

CREATE FUNCTION survival_curve_recv(internal)
RETURNS survival_curve
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION survival_curve_recv(internal) IS
'Binary input of survival_curve';

CREATE FUNCTION survival_curve_send(survival_curve)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION survival_curve_send(survival_curve) IS
'Binary output of survival_curve';

CREATE TYPE survival_curve (
    INPUT = survival_curve_in,
    OUTPUT = survival_curve_out,
    RECEIVE = survival_curve_recv,
    SEND = survival_curve_send,
    STORAGE = external
);

CREATE FUNCTION survival_trans(internal, duration float8, event boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION survival_trans(internal, float8, boolean) IS
'Support of survival_agg: adds a row';

CREATE FUNCTION survival_trans(internal, duration interval, event boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_interval_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION survival_trans(internal, interval, boolean) IS
'Support of survival_agg: adds a row';

CREATE FUNCTION survival_rollup_trans(internal, survival_curve)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION survival_rollup_trans(internal, survival_curve) IS
'Support of rollup: adds a value';

CREATE FUNCTION survival_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION survival_combine(internal, internal) IS
'Support of survival_agg and rollup: adds what a worker gathered';

CREATE FUNCTION survival_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION survival_serial(internal) IS
'Support of survival_agg and rollup: packs what a worker gathered';

CREATE FUNCTION survival_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION survival_deserial(bytea, internal) IS
'Support of survival_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION survival_final(internal)
RETURNS survival_curve
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION survival_final(internal) IS
'Support of survival_agg and rollup: the value';

CREATE AGGREGATE survival_agg(duration float8, event boolean)
(
    SFUNC = survival_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = survival_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = survival_combine,
    SERIALFUNC = survival_serial,
    DESERIALFUNC = survival_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE survival_agg(float8, boolean) IS
'Gathers durations until an event; event is false for a row that still waits for it; rows with a NULL are skipped';

CREATE AGGREGATE survival_agg(duration interval, event boolean)
(
    SFUNC = survival_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = survival_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = survival_combine,
    SERIALFUNC = survival_serial,
    DESERIALFUNC = survival_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE survival_agg(interval, boolean) IS
'Gathers durations until an event; event is false for a row that still waits for it; rows with a NULL are skipped; kept in seconds';

CREATE AGGREGATE rollup(part survival_curve)
(
    SFUNC = survival_rollup_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = survival_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = survival_combine,
    SERIALFUNC = survival_serial,
    DESERIALFUNC = survival_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(survival_curve) IS
'All the rows behind several curves';

CREATE FUNCTION survival_at(curve survival_curve, t float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_at'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION survival_at(survival_curve, float8) IS
'Share still waiting after a duration, by Kaplan and Meier; NULL past the longest one, unless it ended in an event';

CREATE FUNCTION survival_at(curve survival_curve, t interval)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_at_interval'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION survival_at(survival_curve, interval) IS
'Share still waiting after an interval, for durations that were intervals; NULL past the longest one, unless it ended in an event';

CREATE FUNCTION survival_median(curve survival_curve)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_median'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION survival_median(survival_curve) IS
'Duration after which half are left, in seconds if durations were intervals; NULL if that was not reached';

CREATE FUNCTION survival_table(curve survival_curve, level float8 DEFAULT 0.95)
RETURNS TABLE(
    at_time float8,
    at_risk bigint,
    events bigint,
    censored bigint,
    survival float8,
    low float8,
    high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_survival_table'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000
ROWS 100;
COMMENT ON FUNCTION survival_table(survival_curve, float8) IS
'The Kaplan-Meier curve, a row for each distinct duration, with the interval that Greenwood''s variance gives on the logarithm';

-- Curves of several groups

CREATE TYPE log_rank;
COMMENT ON TYPE log_rank IS
'Durations until an event by group: text form "log_rank:" and base64, portable and checked; read it with log_rank_test';

CREATE FUNCTION log_rank_in(cstring)
RETURNS log_rank
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION log_rank_in(cstring) IS 'Text input of log_rank';

CREATE FUNCTION log_rank_out(log_rank)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION log_rank_out(log_rank) IS 'Text output of log_rank';

CREATE FUNCTION log_rank_recv(internal)
RETURNS log_rank
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION log_rank_recv(internal) IS 'Binary input of log_rank';

CREATE FUNCTION log_rank_send(log_rank)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION log_rank_send(log_rank) IS 'Binary output of log_rank';

CREATE TYPE log_rank (
    INPUT = log_rank_in,
    OUTPUT = log_rank_out,
    RECEIVE = log_rank_recv,
    SEND = log_rank_send,
    STORAGE = external
);

CREATE FUNCTION log_rank_trans(internal, stratum text, duration float8, event boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION log_rank_trans(internal, text, float8, boolean) IS
'Support of log_rank_agg: adds a row';

CREATE FUNCTION log_rank_trans(internal, stratum text, duration interval, event boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_interval_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION log_rank_trans(internal, text, interval, boolean) IS
'Support of log_rank_agg: adds a row';

CREATE FUNCTION log_rank_rollup_trans(internal, log_rank)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION log_rank_rollup_trans(internal, log_rank) IS
'Support of rollup: adds a value';

CREATE FUNCTION log_rank_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION log_rank_combine(internal, internal) IS
'Support of log_rank_agg and rollup: adds what a worker gathered';

CREATE FUNCTION log_rank_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION log_rank_serial(internal) IS
'Support of log_rank_agg and rollup: packs what a worker gathered';

CREATE FUNCTION log_rank_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_stats_rows_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION log_rank_deserial(bytea, internal) IS
'Support of log_rank_agg and rollup: unpacks what a worker gathered';

CREATE FUNCTION log_rank_final(internal)
RETURNS log_rank
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION log_rank_final(internal) IS
'Support of log_rank_agg and rollup: the value';

CREATE AGGREGATE log_rank_agg(stratum text, duration float8, event boolean)
(
    SFUNC = log_rank_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = log_rank_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = log_rank_combine,
    SERIALFUNC = log_rank_serial,
    DESERIALFUNC = log_rank_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE log_rank_agg(text, float8, boolean) IS
'Gathers durations until an event by stratum; event is false for a row that still waits for it; rows with a NULL are skipped';

CREATE AGGREGATE log_rank_agg(stratum text, duration interval, event boolean)
(
    SFUNC = log_rank_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = log_rank_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = log_rank_combine,
    SERIALFUNC = log_rank_serial,
    DESERIALFUNC = log_rank_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE log_rank_agg(text, interval, boolean) IS
'Gathers durations until an event by stratum; event is false for a row that still waits for it; rows with a NULL are skipped; kept in seconds';

CREATE AGGREGATE rollup(part log_rank)
(
    SFUNC = log_rank_rollup_trans,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = log_rank_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = log_rank_combine,
    SERIALFUNC = log_rank_serial,
    DESERIALFUNC = log_rank_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(log_rank) IS
'All the rows behind several values';

CREATE FUNCTION log_rank_test(
    durations log_rank,
    OUT statistic float8,
    OUT df float8,
    OUT p_value float8
)
AS 'MODULE_PATHNAME', 'sales_intel_stats_log_rank_test'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION log_rank_test(log_rank) IS
'Whether the curves of the strata differ: the log-rank test; NULL with fewer than two strata, or without events';
