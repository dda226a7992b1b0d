-- Forecasts: series and their models -----------------------------------------

CREATE TYPE forecast_model;
COMMENT ON TYPE forecast_model IS
'A forecast of one series, with the series: text form "forecast_model:" and base64, portable and checked; read it with forecast and forecast_summary';

CREATE FUNCTION forecast_model_in(cstring)
RETURNS forecast_model
AS 'MODULE_PATHNAME', 'sales_intel_forecast_model_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION forecast_model_in(cstring) IS 'Text input of forecast_model';

CREATE FUNCTION forecast_model_out(forecast_model)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_forecast_model_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION forecast_model_out(forecast_model) IS 'Text output of forecast_model';

CREATE FUNCTION forecast_model_recv(internal)
RETURNS forecast_model
AS 'MODULE_PATHNAME', 'sales_intel_forecast_model_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION forecast_model_recv(internal) IS 'Binary input of forecast_model';

CREATE FUNCTION forecast_model_send(forecast_model)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_model_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION forecast_model_send(forecast_model) IS 'Binary output of forecast_model';

CREATE TYPE forecast_model (
    INPUT = forecast_model_in,
    OUTPUT = forecast_model_out,
    RECEIVE = forecast_model_recv,
    SEND = forecast_model_send,
    ALIGNMENT = int4,
    STORAGE = external
);

-- Gathering.  The session's time zone decides where a day begins: STABLE.

CREATE FUNCTION forecast_trans(internal, timestamptz, float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_times_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, timestamptz, float8) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION forecast_trans(internal, timestamptz, float8, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_times_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, timestamptz, float8, jsonb) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION forecast_trans(internal, date, float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_dates_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, date, float8) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION forecast_trans(internal, date, float8, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_dates_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, date, float8, jsonb) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION forecast_trans(internal, bigint, float8)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_positions_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, bigint, float8) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION forecast_trans(internal, bigint, float8, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_positions_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_trans(internal, bigint, float8, jsonb) IS
'Support of forecast_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, timestamptz, float8, integer, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_times_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, timestamptz, float8, integer, integer) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, timestamptz, float8, integer, integer, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_times_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, timestamptz, float8, integer, integer, jsonb) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, date, float8, integer, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_dates_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, date, float8, integer, integer) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, date, float8, integer, integer, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_dates_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, date, float8, integer, integer, jsonb) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, bigint, float8, integer, integer)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_positions_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, bigint, float8, integer, integer) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION backtest_trans(internal, bigint, float8, integer, integer, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_positions_trans'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION backtest_trans(internal, bigint, float8, integer, integer, jsonb) IS
'Support of backtest_agg: collects a row';

CREATE FUNCTION forecast_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION forecast_combine(internal, internal) IS
'Support of forecast_agg and backtest_agg: adds the rows of a worker';

CREATE FUNCTION forecast_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION forecast_serial(internal) IS
'Support of forecast_agg and backtest_agg: packs the rows of a worker';

CREATE FUNCTION forecast_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION forecast_deserial(bytea, internal) IS
'Support of forecast_agg and backtest_agg: unpacks the rows of a worker';

CREATE FUNCTION forecast_final(internal)
RETURNS forecast_model
AS 'MODULE_PATHNAME', 'sales_intel_forecast_final'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100000;
COMMENT ON FUNCTION forecast_final(internal) IS
'Support of forecast_agg: makes the series and fits it';

-- Final functions sort rows in place, which changes nothing that a later row
-- could see.

CREATE AGGREGATE forecast_agg(at timestamptz, value float8)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(timestamptz, float8) IS
'Fits a forecast to a series of values over time, by default the median of several methods; rows with a NULL are skipped';

CREATE AGGREGATE forecast_agg(at timestamptz, value float8, options jsonb)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(timestamptz, float8, jsonb) IS
'Fits a forecast to a series of values over time, by default the median of several methods; rows with a NULL are skipped, with options';

CREATE AGGREGATE forecast_agg(at date, value float8)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(date, float8) IS
'Fits a forecast to a series of values by date';

CREATE AGGREGATE forecast_agg(at date, value float8, options jsonb)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(date, float8, jsonb) IS
'Fits a forecast to a series of values by date, with options';

CREATE AGGREGATE forecast_agg(at bigint, value float8)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(bigint, float8) IS
'Fits a forecast to a series of values by position, such as 1, 2, 3';

CREATE AGGREGATE forecast_agg(at bigint, value float8, options jsonb)
(
    SFUNC = forecast_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = forecast_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_agg(bigint, float8, jsonb) IS
'Fits a forecast to a series of values by position, such as 1, 2, 3, with options';

-- Reading

CREATE FUNCTION forecast(m forecast_model, horizon integer)
RETURNS TABLE(
    step integer,
    at timestamptz,
    mean float8,
    lower float8,
    upper float8
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_predict'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000
ROWS 12;
COMMENT ON FUNCTION forecast(forecast_model, integer) IS
'The next periods of a series, with an interval that holds 80 percent of what comes';

CREATE FUNCTION forecast(m forecast_model, horizon integer, level float8)
RETURNS TABLE(
    step integer,
    at timestamptz,
    mean float8,
    lower float8,
    upper float8
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_predict'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000
ROWS 12;
COMMENT ON FUNCTION forecast(forecast_model, integer, float8) IS
'The next periods of a series, with an interval of a level';

CREATE FUNCTION forecast_summary(
    m forecast_model,
    OUT method text,
    OUT season integer[],
    OUT rows bigint,
    OUT first_at timestamptz,
    OUT last_at timestamptz,
    OUT parameters jsonb,
    OUT log_likelihood float8,
    OUT aicc float8,
    OUT sigma float8,
    OUT mase float8,
    OUT fallback boolean
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 500;
COMMENT ON FUNCTION forecast_summary(forecast_model) IS
'What was fitted to which series; mase is the mean one-step error within the series, by that of the naive seasonal forecast; fallback: not what was asked for';

CREATE FUNCTION forecast_warnings(m forecast_model)
RETURNS TABLE(
    code text,
    message text
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_warnings'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 500
ROWS 2;
COMMENT ON FUNCTION forecast_warnings(forecast_model) IS
'What a reader of the forecast should know of the series';

CREATE FUNCTION forecast_fitted(m forecast_model)
RETURNS TABLE(
    at timestamptz,
    actual float8,
    fitted float8,
    residual float8
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_fitted'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 500
ROWS 100;
COMMENT ON FUNCTION forecast_fitted(forecast_model) IS
'The series, as it was filled, and what the model forecast one step before; residual is actual - fitted';
