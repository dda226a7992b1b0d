-- Forecasts: from origins in the past ----------------------------------------

CREATE TYPE backtest;
COMMENT ON TYPE backtest IS
'Forecasts from origins in the past beside what came: text form "backtest:" and base64, portable and checked; read it with backtest_summary';

CREATE FUNCTION backtest_in(cstring)
RETURNS backtest
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION backtest_in(cstring) IS 'Text input of backtest';

CREATE FUNCTION backtest_out(backtest)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION backtest_out(backtest) IS 'Text output of backtest';

CREATE FUNCTION backtest_recv(internal)
RETURNS backtest
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION backtest_recv(internal) IS 'Binary input of backtest';

CREATE FUNCTION backtest_send(backtest)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION backtest_send(backtest) IS 'Binary output of backtest';

CREATE TYPE backtest (
    INPUT = backtest_in,
    OUTPUT = backtest_out,
    RECEIVE = backtest_recv,
    SEND = backtest_send,
    ALIGNMENT = int4,
    STORAGE = external
);

CREATE FUNCTION backtest_final(internal)
RETURNS backtest
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_final'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 100000;
COMMENT ON FUNCTION backtest_final(internal) IS
'Support of backtest_agg: fits and forecasts from each origin';

CREATE FUNCTION backtest_rollup_trans(internal, backtest)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION backtest_rollup_trans(internal, backtest) IS
'Support of rollup: adds a backtest';

CREATE FUNCTION backtest_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION backtest_combine(internal, internal) IS
'Support of rollup: adds the backtests of a worker';

CREATE FUNCTION backtest_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION backtest_serial(internal) IS
'Support of rollup: packs the backtests of a worker';

CREATE FUNCTION backtest_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION backtest_deserial(bytea, internal) IS
'Support of rollup: unpacks the backtests of a worker';

CREATE FUNCTION backtest_rollup_final(internal)
RETURNS backtest
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_rollup_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION backtest_rollup_final(internal) IS
'Support of rollup: sorts the rows of all backtests';

CREATE AGGREGATE backtest_agg(at timestamptz, value float8, horizon integer, folds integer)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(timestamptz, float8, integer, integer) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead';

CREATE AGGREGATE backtest_agg(at timestamptz, value float8, horizon integer, folds integer, options jsonb)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(timestamptz, float8, integer, integer, jsonb) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead, with the options of forecast_agg';

CREATE AGGREGATE backtest_agg(at date, value float8, horizon integer, folds integer)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(date, float8, integer, integer) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead, by date';

CREATE AGGREGATE backtest_agg(at date, value float8, horizon integer, folds integer, options jsonb)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(date, float8, integer, integer, jsonb) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead, with the options of forecast_agg, by date';

CREATE AGGREGATE backtest_agg(at bigint, value float8, horizon integer, folds integer)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(bigint, float8, integer, integer) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead, by position';

CREATE AGGREGATE backtest_agg(at bigint, value float8, horizon integer, folds integer, options jsonb)
(
    SFUNC = backtest_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_combine,
    SERIALFUNC = forecast_serial,
    DESERIALFUNC = forecast_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE backtest_agg(bigint, float8, integer, integer, jsonb) IS
'Forecasts a series from as many origins as folds, a horizon apart, each without looking ahead, with the options of forecast_agg, by position';

CREATE AGGREGATE rollup(part backtest)
(
    SFUNC = backtest_rollup_trans,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = backtest_rollup_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = backtest_combine,
    SERIALFUNC = backtest_serial,
    DESERIALFUNC = backtest_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(backtest) IS
'The forecasts of several backtests together';

CREATE FUNCTION backtest_errors(b backtest)
RETURNS TABLE(
    fold integer,
    step integer,
    at timestamptz,
    actual float8,
    mean float8,
    lower float8,
    upper float8
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_errors'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 500
ROWS 100;
COMMENT ON FUNCTION backtest_errors(backtest) IS
'Every forecast of a backtest, with its interval of 80 percent, beside what came';

CREATE FUNCTION backtest_summary(
    b backtest,
    OUT mase float8,
    OUT smape float8,
    OUT wape float8,
    OUT bias float8,
    OUT coverage float8,
    OUT baseline_wape float8,
    OUT skill float8,
    OUT folds bigint
)
AS 'MODULE_PATHNAME', 'sales_intel_forecast_backtest_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 500;
COMMENT ON FUNCTION backtest_summary(backtest) IS
'How good the forecasts were; wape and bias in percent of what came in all, coverage of the 80 percent intervals, skill over a moving average of three (1 - wape / baseline_wape)';
