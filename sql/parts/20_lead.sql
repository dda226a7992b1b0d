-- Lead scoring ---------------------------------------------------------

-- The model

CREATE TYPE lead_model;
COMMENT ON TYPE lead_model IS
'A trained lead model: text form "lead_model:" and base64, portable and checked; read it with lead_model_summary';

CREATE FUNCTION lead_model_in(cstring)
RETURNS lead_model
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION lead_model_in(cstring) IS 'Text input of lead_model';

CREATE FUNCTION lead_model_out(lead_model)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION lead_model_out(lead_model) IS 'Text output of lead_model';

CREATE FUNCTION lead_model_recv(internal)
RETURNS lead_model
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION lead_model_recv(internal) IS 'Binary input of lead_model';

CREATE FUNCTION lead_model_send(lead_model)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION lead_model_send(lead_model) IS 'Binary output of lead_model';

CREATE TYPE lead_model (
    INPUT = lead_model_in,
    OUTPUT = lead_model_out,
    RECEIVE = lead_model_recv,
    SEND = lead_model_send,
    STORAGE = external
);

-- Training

CREATE FUNCTION lead_model_trans(internal, boolean, record)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_model_trans(internal, boolean, record) IS 'Support function of lead_model_agg';

CREATE FUNCTION lead_model_trans(internal, boolean, record, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_trans_options'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_model_trans(internal, boolean, record, jsonb) IS 'Support function of lead_model_agg';

CREATE FUNCTION lead_model_trans(internal, boolean, record, double precision, jsonb)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_trans_weight'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_model_trans(internal, boolean, record, double precision, jsonb) IS 'Support function of lead_model_agg';

CREATE FUNCTION lead_model_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_model_combine(internal, internal) IS 'Support function of lead_model_agg';

-- The cost keeps the planner from splitting a training run among workers:
-- all rows end up in one process, and shipping them there costs more than the
-- workers save (1M x 20: 2.9 s against 1.6 s).  With cpu_operator_cost = 0 it
-- splits, and a distributed engine does so wherever the rows live apart.
CREATE FUNCTION lead_model_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000000000;
COMMENT ON FUNCTION lead_model_serial(internal) IS 'Support function of lead_model_agg';

CREATE FUNCTION lead_model_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_model_deserial(bytea, internal) IS 'Support function of lead_model_agg';

CREATE FUNCTION lead_model_final(internal)
RETURNS lead_model
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_final'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100000;
COMMENT ON FUNCTION lead_model_final(internal) IS 'Support function of lead_model_agg';

CREATE AGGREGATE lead_model_agg(label boolean, features record) (
    SFUNC = lead_model_trans,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = lead_model_final,
    COMBINEFUNC = lead_model_combine,
    SERIALFUNC = lead_model_serial,
    DESERIALFUNC = lead_model_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE lead_model_agg(boolean, record) IS
'Train a lead model: label true for a won lead, features a row whose columns are matched by name';

CREATE AGGREGATE lead_model_agg(label boolean, features record, options jsonb) (
    SFUNC = lead_model_trans,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = lead_model_final,
    COMBINEFUNC = lead_model_combine,
    SERIALFUNC = lead_model_serial,
    DESERIALFUNC = lead_model_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE lead_model_agg(boolean, record, jsonb) IS
'Train a lead model with options: algorithm (auto, logistic, boosted_trees), folds, calibration, seed, include, exclude, categorical, group, l1, l2, trees, depth, learning_rate, min_leaf, subsample, max_bins, early_stop, monotone, max_levels, force, bands';

CREATE AGGREGATE lead_model_agg(label boolean, features record, weight double precision, options jsonb) (
    SFUNC = lead_model_trans,
    STYPE = internal,
    SSPACE = 16384,
    FINALFUNC = lead_model_final,
    COMBINEFUNC = lead_model_combine,
    SERIALFUNC = lead_model_serial,
    DESERIALFUNC = lead_model_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE lead_model_agg(boolean, record, double precision, jsonb) IS
'Train a lead model with row weights (finite, not negative) and options';

-- Reading a model

CREATE FUNCTION model_hash(model lead_model)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_hash'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION model_hash(lead_model) IS
'SHA-256 of a model in hexadecimal: equal rows, options and seed give an equal hash';

CREATE FUNCTION lead_model_summary(
    model lead_model,
    OUT algorithm text,
    OUT rows bigint,
    OUT positives bigint,
    OUT skipped bigint,
    OUT features integer,
    OUT roc_auc double precision,
    OUT auc_low double precision,
    OUT auc_high double precision,
    OUT log_loss double precision,
    OUT brier_score double precision,
    OUT calibration_error double precision,
    OUT usable boolean
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION lead_model_summary(lead_model) IS
'One row about a model: size and out-of-fold quality (AUC with its 95% DeLong interval, log loss, Brier score, calibration error over ten equal-count bins)';

CREATE FUNCTION lead_model_warnings(model lead_model)
RETURNS TABLE(code text, feature text, message text)
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_warnings'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 5;
COMMENT ON FUNCTION lead_model_warnings(lead_model) IS
'What to know before trusting a model: no_signal, leak_suspected, separation and others, with the feature concerned';

CREATE FUNCTION lead_model_coefficients(model lead_model)
RETURNS TABLE(
    feature text,
    level text,
    coefficient double precision,
    std_error double precision,
    z double precision,
    p_value double precision,
    odds_ratio double precision
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_coefficients'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 50;
COMMENT ON FUNCTION lead_model_coefficients(lead_model) IS
'Coefficients of a logistic model in log-odds, per unit of a number and per level of a category, with Wald standard errors and p-values; no rows for other models';

CREATE FUNCTION lead_model_importance(model lead_model)
RETURNS TABLE(feature text, importance double precision)
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_importance'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 20;
COMMENT ON FUNCTION lead_model_importance(lead_model) IS
'How much each feature moves the log-odds, as a share of all features: its mean absolute contribution over training rows, the largest first';

CREATE FUNCTION lead_model_choice(
    model lead_model,
    OUT winner text,
    OUT loser text,
    OUT winner_auc double precision,
    OUT loser_auc double precision,
    OUT difference double precision,
    OUT std_error double precision
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_model_choice'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION lead_model_choice(lead_model) IS
'What algorithm "auto" compared, on rows that both scored out of fold: AUC of either and the standard error of the difference (paired DeLong); NULL where nothing was compared';

-- Scoring

CREATE FUNCTION lead_score_support(internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_support'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE;
COMMENT ON FUNCTION lead_score_support(internal) IS 'Planner support of lead_score and lead_margin';

CREATE FUNCTION lead_score_columns(model lead_model, names text[], VARIADIC "values" "any")
RETURNS double precision
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_columns'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_score_columns(lead_model, text[], "any") IS
'What the planner makes of lead_score(model, row) where it knows the columns of the row';

CREATE FUNCTION lead_margin_columns(model lead_model, names text[], VARIADIC "values" "any")
RETURNS double precision
AS 'MODULE_PATHNAME', 'sales_intel_lead_margin_columns'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 20;
COMMENT ON FUNCTION lead_margin_columns(lead_model, text[], "any") IS
'What the planner makes of lead_margin(model, row) where it knows the columns of the row';

CREATE FUNCTION lead_score(model lead_model, features record)
RETURNS double precision
AS 'MODULE_PATHNAME', 'sales_intel_lead_score'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 50
SUPPORT lead_score_support;
COMMENT ON FUNCTION lead_score(lead_model, record) IS
'Calibrated probability, between 0 and 1, that the lead is won; NULL for a model that could not be fitted';

CREATE FUNCTION lead_margin(model lead_model, features record)
RETURNS double precision
AS 'MODULE_PATHNAME', 'sales_intel_lead_margin'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 50
SUPPORT lead_score_support;
COMMENT ON FUNCTION lead_margin(lead_model, record) IS
'Log-odds of the lead before calibration, the number that lead_explain takes apart';

CREATE FUNCTION lead_grade(model lead_model, score double precision)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_lead_grade'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION lead_grade(lead_model, double precision) IS
'Grade A to D of a score: A is what the best tenth of the out-of-fold scores reached (option bands)';

-- Reasons

CREATE FUNCTION lead_explain(model lead_model, features record, top integer DEFAULT NULL)
RETURNS TABLE(feature text, value text, contribution double precision)
AS 'MODULE_PATHNAME', 'sales_intel_lead_explain'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 200
ROWS 20;
COMMENT ON FUNCTION lead_explain(lead_model, record, integer) IS
'What each feature adds to the log-odds of a lead: first (baseline), then the largest; the sum is lead_margin';

CREATE FUNCTION lead_reasons(model lead_model, features record, top integer DEFAULT 3)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_lead_reasons'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 200;
COMMENT ON FUNCTION lead_reasons(lead_model, record, integer) IS
'The largest reasons for a score in one readable cell, signed, in log-odds';
