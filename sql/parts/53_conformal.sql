-- Forecasts: intervals from the errors of many series ---------------------------

CREATE TYPE conformal;
COMMENT ON TYPE conformal IS
'Errors of many forecasts where they could not see, by step: text form "conformal:" and base64, portable and checked; hand it to forecast';

CREATE FUNCTION conformal_in(cstring)
RETURNS conformal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_in(cstring) IS 'Text input of conformal';

CREATE FUNCTION conformal_out(conformal)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_out(conformal) IS 'Text output of conformal';

CREATE FUNCTION conformal_recv(internal)
RETURNS conformal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_recv(internal) IS 'Binary input of conformal';

CREATE FUNCTION conformal_send(conformal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_send(conformal) IS 'Binary output of conformal';

CREATE TYPE conformal (
    INPUT = conformal_in,
    OUTPUT = conformal_out,
    RECEIVE = conformal_recv,
    SEND = conformal_send,
    ALIGNMENT = int4,
    STORAGE = external
);

CREATE FUNCTION conformal_trans(internal, forecast_model)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_trans(internal, forecast_model) IS
'Support of conformal_agg: adds the errors that a model held back';

CREATE FUNCTION conformal_rollup_trans(internal, conformal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION conformal_rollup_trans(internal, conformal) IS
'Support of rollup: adds pooled errors';

CREATE FUNCTION conformal_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION conformal_combine(internal, internal) IS
'Support of conformal_agg and rollup: adds the errors of a worker';

CREATE FUNCTION conformal_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION conformal_serial(internal) IS
'Support of conformal_agg and rollup: packs the errors of a worker';

CREATE FUNCTION conformal_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION conformal_deserial(bytea, internal) IS
'Support of conformal_agg and rollup: unpacks the errors of a worker';

CREATE FUNCTION conformal_final(internal)
RETURNS conformal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_conformal_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION conformal_final(internal) IS
'Support of conformal_agg and rollup: sorts the errors of each step';

CREATE AGGREGATE conformal_agg(m forecast_model)
(
    SFUNC = conformal_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = conformal_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = conformal_combine,
    SERIALFUNC = conformal_serial,
    DESERIALFUNC = conformal_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE conformal_agg(forecast_model) IS
'Pools the errors that models held back when they were fitted, relative to what they expected';

CREATE AGGREGATE rollup(part conformal)
(
    SFUNC = conformal_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = conformal_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = conformal_combine,
    SERIALFUNC = conformal_serial,
    DESERIALFUNC = conformal_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(conformal) IS
'The errors of several pools together';

CREATE FUNCTION forecast(m forecast_model, horizon integer, level float8, pool conformal)
RETURNS TABLE(
    step integer,
    at timestamptz,
    mean float8,
    lower float8,
    upper float8
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_predict_conformal'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000
ROWS 12;
COMMENT ON FUNCTION forecast(forecast_model, integer, float8, conformal) IS
'The next periods of a series, with an interval of a level as wide as the errors of many series were';
