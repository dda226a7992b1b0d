-- Forecasting: errors of forecasts -------------------------------------

-- The states are sums: see core/forecast/si_forecast_error.h.  wape, mape, smape,
-- forecast_bias, mae and rmse differ in their final function only, so that the
-- server adds up the rows once for all of them in a SELECT.

CREATE FUNCTION forecast_error_trans(float8[], actual float8, predicted float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_error_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_error_trans(float8[], float8, float8) IS
'Support of wape, mape, smape, forecast_bias, mae and rmse: adds a row';

CREATE FUNCTION forecast_error_inverse(float8[], actual float8, predicted float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_error_inverse'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_error_inverse(float8[], float8, float8) IS
'Support of wape, mape, smape, forecast_bias, mae and rmse: takes a row away that leaves the window; NULL if the window must start afresh';

CREATE FUNCTION forecast_error_combine(float8[], float8[])
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_error_combine'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_error_combine(float8[], float8[]) IS
'Support of wape, mape, smape, forecast_bias, mae and rmse, and of mase: adds the sums of a worker';

CREATE FUNCTION wape_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_wape_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION wape_final(float8[]) IS
'Support of wape: the measure';

CREATE FUNCTION mape_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_mape_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION mape_final(float8[]) IS
'Support of mape: the measure';

CREATE FUNCTION smape_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_smape_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION smape_final(float8[]) IS
'Support of smape: the measure';

CREATE FUNCTION forecast_bias_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_bias_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_bias_final(float8[]) IS
'Support of forecast_bias: the measure';

CREATE FUNCTION mae_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_mae_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION mae_final(float8[]) IS
'Support of mae: the measure';

CREATE FUNCTION rmse_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_rmse_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION rmse_final(float8[]) IS
'Support of rmse: the measure';

CREATE AGGREGATE wape(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = wape_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = wape_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wape(float8, float8) IS
'Weighted absolute percentage error: 100 * sum(|predicted - actual|) / sum(|actual|); the denominator is the sum of the sizes of actual, NULL if that is 0';

CREATE AGGREGATE mape(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = mape_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = mape_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mape(float8, float8) IS
'Mean absolute percentage error: 100 * mean(|predicted - actual| / |actual|); the denominator is the size of actual in each row, NULL if any actual is 0';

CREATE AGGREGATE smape(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = smape_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = smape_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE smape(float8, float8) IS
'Symmetric mean absolute percentage error, 0 to 200: 100 * mean(|predicted - actual| / ((|actual| + |predicted|) / 2)); the denominator is the mean of both sizes in each row, a row with both 0 counts as 0';

CREATE AGGREGATE forecast_bias(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = forecast_bias_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = forecast_bias_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE forecast_bias(float8, float8) IS
'Bias in percent, above 0 if forecasts are too high: 100 * sum(predicted - actual) / sum(|actual|); the denominator is the sum of the sizes of actual, NULL if that is 0';

CREATE AGGREGATE mae(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = mae_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = mae_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mae(float8, float8) IS
'Mean absolute error, in units of the values: mean(|predicted - actual|); the denominator is the number of rows';

CREATE AGGREGATE rmse(actual float8, predicted float8)
(
    SFUNC = forecast_error_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = rmse_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = forecast_error_trans,
    MINVFUNC = forecast_error_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = rmse_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rmse(float8, float8) IS
'Root mean squared error, in units of the values: sqrt(mean((predicted - actual)^2)); the denominator is the number of rows';

CREATE FUNCTION mase_trans(float8[], actual float8, predicted float8, scale float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_scaled_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION mase_trans(float8[], float8, float8, float8) IS
'Support of mase: adds a row';

CREATE FUNCTION mase_inverse(float8[], actual float8, predicted float8, scale float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_error_inverse'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION mase_inverse(float8[], float8, float8, float8) IS
'Support of mase: takes a row away that leaves the window; NULL if the window must start afresh';

CREATE FUNCTION mase_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_mase_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION mase_final(float8[]) IS
'Support of mase: the measure';

CREATE AGGREGATE mase(actual float8, predicted float8, scale float8)
(
    SFUNC = mase_trans,
    STYPE = float8[],
    SSPACE = 256,
    FINALFUNC = mase_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_error_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    MSFUNC = mase_trans,
    MINVFUNC = mase_inverse,
    MSTYPE = float8[],
    MSSPACE = 256,
    MFINALFUNC = mase_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE mase(float8, float8, float8) IS
'Mean absolute scaled error: mean(|predicted - actual|) / scale; the denominator is scale, the mean absolute error of a naive forecast in the past of the series, the same in all rows; NULL if that is 0';

CREATE FUNCTION hit_rate_trans(float8[], actual float8, predicted float8, tolerance float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_hit_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION hit_rate_trans(float8[], float8, float8, float8) IS
'Support of hit_rate: adds a row';

CREATE FUNCTION hit_rate_inverse(float8[], actual float8, predicted float8, tolerance float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_hit_inverse'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION hit_rate_inverse(float8[], float8, float8, float8) IS
'Support of hit_rate: takes a row away that leaves the window';

CREATE FUNCTION forecast_hits_combine(float8[], float8[])
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_hits_combine'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION forecast_hits_combine(float8[], float8[]) IS
'Support of hit_rate, interval_coverage and interval_score: adds the sums of a worker';

CREATE FUNCTION hit_rate_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_share_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION hit_rate_final(float8[]) IS
'Support of hit_rate: the share';

CREATE AGGREGATE hit_rate(actual float8, predicted float8, tolerance float8)
(
    SFUNC = hit_rate_trans,
    STYPE = float8[],
    SSPACE = 128,
    FINALFUNC = hit_rate_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_hits_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0}',
    MSFUNC = hit_rate_trans,
    MINVFUNC = hit_rate_inverse,
    MSTYPE = float8[],
    MSSPACE = 128,
    MFINALFUNC = hit_rate_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE hit_rate(float8, float8, float8) IS
'Share of rows, 0 to 1, with |predicted - actual| within tolerance percent of |actual|; the denominator is the number of rows, and that of the tolerance the size of actual; tolerance is the same in all rows';

CREATE FUNCTION interval_coverage_trans(float8[], actual float8, lower float8, upper float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_interval_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_coverage_trans(float8[], float8, float8, float8) IS
'Support of interval_coverage: adds a row';

CREATE FUNCTION interval_coverage_inverse(float8[], actual float8, lower float8, upper float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_interval_inverse'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_coverage_inverse(float8[], float8, float8, float8) IS
'Support of interval_coverage: takes a row away that leaves the window; NULL if the window must start afresh';

CREATE FUNCTION interval_coverage_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_share_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_coverage_final(float8[]) IS
'Support of interval_coverage: the share';

CREATE AGGREGATE interval_coverage(actual float8, lower float8, upper float8)
(
    SFUNC = interval_coverage_trans,
    STYPE = float8[],
    SSPACE = 128,
    FINALFUNC = interval_coverage_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_hits_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0}',
    MSFUNC = interval_coverage_trans,
    MINVFUNC = interval_coverage_inverse,
    MSTYPE = float8[],
    MSSPACE = 128,
    MFINALFUNC = interval_coverage_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_coverage(float8, float8, float8) IS
'Share of rows, 0 to 1, with lower <= actual <= upper; the denominator is the number of rows';

CREATE FUNCTION interval_score_trans(float8[], actual float8, lower float8, upper float8, level float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_interval_score_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_score_trans(float8[], float8, float8, float8, float8) IS
'Support of interval_score: adds a row';

CREATE FUNCTION interval_score_inverse(float8[], actual float8, lower float8, upper float8, level float8)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_forecast_interval_inverse'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_score_inverse(float8[], float8, float8, float8, float8) IS
'Support of interval_score: takes a row away that leaves the window; NULL if the window must start afresh';

CREATE FUNCTION interval_score_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_interval_score_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION interval_score_final(float8[]) IS
'Support of interval_score: the measure';

CREATE AGGREGATE interval_score(actual float8, lower float8, upper float8, level float8)
(
    SFUNC = interval_score_trans,
    STYPE = float8[],
    SSPACE = 128,
    FINALFUNC = interval_score_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = forecast_hits_combine,
    INITCOND = '{0,0,0,0,0,0,0,0,0}',
    MSFUNC = interval_score_trans,
    MINVFUNC = interval_score_inverse,
    MSTYPE = float8[],
    MSSPACE = 128,
    MFINALFUNC = interval_score_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    MINITCOND = '{0,0,0,0,0,0,0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE interval_score(float8, float8, float8, float8) IS
'Interval score of Gneiting and Raftery, in units of the values, smaller is better: mean width plus 2 / (1 - level) times the mean distance of actual from the interval; the denominator is the number of rows; level is the same in all rows';

CREATE FUNCTION percent_error(actual float8, predicted float8, denominator text DEFAULT 'actual')
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_forecast_percent_error'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION percent_error(float8, float8, text) IS
'100 * (predicted - actual) / denominator, which is the size of actual, of predicted (or forecast), or the mean of both sizes; NULL if the denominator is 0, but 0 percent of the mean of two zeroes';
