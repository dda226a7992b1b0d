-- Lead scoring: quality of scores as a value -----------------------------

CREATE TYPE score_quality;
COMMENT ON TYPE score_quality IS
'Every distinct score with its positive and negative rows: text form "score_quality:" and base64, portable and checked; read it with score_quality_summary';

CREATE FUNCTION score_quality_in(cstring)
RETURNS score_quality
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION score_quality_in(cstring) IS 'Text input of score_quality';

CREATE FUNCTION score_quality_out(score_quality)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION score_quality_out(score_quality) IS 'Text output of score_quality';

CREATE FUNCTION score_quality_recv(internal)
RETURNS score_quality
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION score_quality_recv(internal) IS 'Binary input of score_quality';

CREATE FUNCTION score_quality_send(score_quality)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 50;
COMMENT ON FUNCTION score_quality_send(score_quality) IS 'Binary output of score_quality';

CREATE TYPE score_quality (
    INPUT = score_quality_in,
    OUTPUT = score_quality_out,
    RECEIVE = score_quality_recv,
    SEND = score_quality_send,
    STORAGE = external
);

-- The aggregates; the rest of their support functions is that of roc_auc

CREATE FUNCTION score_quality_final(internal)
RETURNS score_quality
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION score_quality_final(internal) IS
'Support of score_quality_agg and rollup: sorts the scores and packs them';

CREATE FUNCTION score_quality_rollup_trans(internal, score_quality)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_rollup_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION score_quality_rollup_trans(internal, score_quality) IS
'Support of rollup: adds the scores of a value';

-- The final function sorts the state, which changes nothing that a later row
-- could see: READ_ONLY, so that both work as running windows.
CREATE AGGREGATE score_quality_agg(score float8, label boolean)
(
    SFUNC = score_quality_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = score_quality_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = score_quality_combine,
    SERIALFUNC = score_quality_serial,
    DESERIALFUNC = score_quality_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE score_quality_agg(float8, boolean) IS
'Gathers scores and outcomes (true for a won lead) into a value from which all measures of quality are read';

CREATE AGGREGATE rollup(quality score_quality)
(
    SFUNC = score_quality_rollup_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = score_quality_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = score_quality_combine,
    SERIALFUNC = score_quality_serial,
    DESERIALFUNC = score_quality_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup(score_quality) IS
'The quality of all the rows behind several values, as if they had been aggregated at once';

-- Ranking: scores may be any numbers

CREATE FUNCTION roc_auc(quality score_quality)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_roc_auc'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION roc_auc(score_quality) IS
'Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half; NULL if only one class is present';

CREATE FUNCTION roc_auc_interval(
    quality score_quality,
    level float8 DEFAULT 0.95,
    OUT low float8,
    OUT high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_roc_auc_interval'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION roc_auc_interval(score_quality, float8) IS
'Confidence interval of the area under the ROC curve, by DeLong; NULL if a class has fewer than two rows';

CREATE FUNCTION average_precision(quality score_quality)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_average_precision'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION average_precision(score_quality) IS
'Precision averaged over the rise in recall, from the highest score down; NULL without positive rows';

CREATE FUNCTION ks(quality score_quality)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_ks'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION ks(score_quality) IS
'Kolmogorov-Smirnov distance: the largest difference between the shares of positive and of negative rows up to a score; NULL if only one class is present';

CREATE FUNCTION lift(quality score_quality, fraction float8)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_lift'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION lift(score_quality, float8) IS
'Share of positives in the top fraction of the rows, over their share in all rows; rows tied at the cut-off count in part; NULL without positive rows';

CREATE FUNCTION roc_curve(quality score_quality, points integer DEFAULT 100)
RETURNS TABLE(threshold float8, false_positive_rate float8, true_positive_rate float8)
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_roc_curve'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 100;
COMMENT ON FUNCTION roc_curve(score_quality, integer) IS
'At most so many points of the ROC curve, from (0,0) to (1,1); rows that reach the threshold count as predicted positive; no rows if only one class is present';

CREATE FUNCTION confusion(
    quality score_quality,
    threshold float8,
    OUT tp bigint,
    OUT fp bigint,
    OUT tn bigint,
    OUT fn bigint,
    OUT accuracy float8,
    OUT base_accuracy float8
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_confusion'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION confusion(score_quality, float8) IS
'Right and wrong predictions if rows that reach the threshold are called positive; base_accuracy is that of calling all rows what most of them are';

-- Probabilities: scores from 0 to 1, else an error

CREATE FUNCTION log_loss(quality score_quality)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_log_loss'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION log_loss(score_quality) IS
'Mean of -ln(the probability given to what happened); Infinity if a score of exactly 0 or 1 was wrong';

CREATE FUNCTION brier_score(quality score_quality)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_brier_score'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION brier_score(score_quality) IS
'Mean squared difference of score and outcome (1 or 0)';

CREATE FUNCTION calibration_error(quality score_quality, bins integer DEFAULT 10)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_calibration_error'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION calibration_error(score_quality, integer) IS
'Mean over bins of equal counts of the distance between mean score and observed share of positives, weighted by rows';

CREATE FUNCTION calibration_table(quality score_quality, bins integer DEFAULT 10)
RETURNS TABLE(
    bin integer,
    rows bigint,
    mean_score float8,
    observed float8,
    low float8,
    high float8
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_calibration_table'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100
ROWS 10;
COMMENT ON FUNCTION calibration_table(score_quality, integer) IS
'Mean score and observed share of positives in bins of equal counts, by ascending score, with the 95% Wilson interval of the share';

-- All at once

CREATE FUNCTION score_quality_summary(
    quality score_quality,
    OUT rows bigint,
    OUT positives bigint,
    OUT roc_auc float8,
    OUT auc_low float8,
    OUT auc_high float8,
    OUT average_precision float8,
    OUT ks float8,
    OUT log_loss float8,
    OUT brier_score float8,
    OUT calibration_error float8
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_summary'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 500;
COMMENT ON FUNCTION score_quality_summary(score_quality) IS
'The main measures in one row, with the 95% interval of the AUC and ten bins of calibration; the last three are NULL for scores that are no probabilities';

-- Two scores of the same rows

CREATE TYPE auc_comparison;
COMMENT ON TYPE auc_comparison IS
'Two AUCs and how they vary together: text form "auc_comparison:" and base64, portable and checked; read it with auc_compare';

CREATE FUNCTION auc_comparison_in(cstring)
RETURNS auc_comparison
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_comparison_in'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION auc_comparison_in(cstring) IS 'Text input of auc_comparison';

CREATE FUNCTION auc_comparison_out(auc_comparison)
RETURNS cstring
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_comparison_out'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION auc_comparison_out(auc_comparison) IS 'Text output of auc_comparison';

CREATE FUNCTION auc_comparison_recv(internal)
RETURNS auc_comparison
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_comparison_recv'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION auc_comparison_recv(internal) IS 'Binary input of auc_comparison';

CREATE FUNCTION auc_comparison_send(auc_comparison)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_comparison_send'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION auc_comparison_send(auc_comparison) IS 'Binary output of auc_comparison';

CREATE TYPE auc_comparison (
    INPUT = auc_comparison_in,
    OUTPUT = auc_comparison_out,
    RECEIVE = auc_comparison_recv,
    SEND = auc_comparison_send,
    STORAGE = external
);

CREATE FUNCTION auc_compare_trans(internal, float8, float8, boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION auc_compare_trans(internal, float8, float8, boolean) IS
'Support of auc_compare_agg: collects a row';

CREATE FUNCTION auc_compare_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION auc_compare_combine(internal, internal) IS
'Support of auc_compare_agg: adds the rows of a worker';

CREATE FUNCTION auc_compare_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION auc_compare_serial(internal) IS
'Support of auc_compare_agg: packs the rows of a worker';

CREATE FUNCTION auc_compare_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION auc_compare_deserial(bytea, internal) IS
'Support of auc_compare_agg: unpacks the rows of a worker';

CREATE FUNCTION auc_compare_final(internal)
RETURNS auc_comparison
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 2000;
COMMENT ON FUNCTION auc_compare_final(internal) IS
'Support of auc_compare_agg: sorts by both scores and compares';

CREATE AGGREGATE auc_compare_agg(score_a float8, score_b float8, label boolean)
(
    SFUNC = auc_compare_trans,
    STYPE = internal,
    SSPACE = 384,
    FINALFUNC = auc_compare_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = auc_compare_combine,
    SERIALFUNC = auc_compare_serial,
    DESERIALFUNC = auc_compare_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE auc_compare_agg(float8, float8, boolean) IS
'Compares two scores of the same rows by how they rank; read the result with auc_compare';

CREATE FUNCTION auc_compare(
    comparison auc_comparison,
    level float8 DEFAULT 0.95,
    OUT auc_a float8,
    OUT auc_b float8,
    OUT difference float8,
    OUT low float8,
    OUT high float8,
    OUT p_value float8
)
AS 'MODULE_PATHNAME', 'sales_intel_lead_auc_compare'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION auc_compare(auc_comparison, float8) IS
'Both AUCs, their difference a - b with its confidence interval, and the two-sided p-value of no difference (paired DeLong test)';
