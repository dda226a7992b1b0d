-- Lead scoring: quality of scores --------------------------------------

CREATE FUNCTION score_quality_trans(internal, float8, boolean)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_trans'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION score_quality_trans(internal, float8, boolean) IS
'Support of roc_auc and score_quality_agg: collects a row';

CREATE FUNCTION score_quality_combine(internal, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_combine'
LANGUAGE C
IMMUTABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION score_quality_combine(internal, internal) IS
'Support of roc_auc and score_quality_agg: adds the rows of a worker';

CREATE FUNCTION score_quality_serial(internal)
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_serial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION score_quality_serial(internal) IS
'Support of roc_auc and score_quality_agg: packs the rows of a worker';

CREATE FUNCTION score_quality_deserial(bytea, internal)
RETURNS internal
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_quality_deserial'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 100;
COMMENT ON FUNCTION score_quality_deserial(bytea, internal) IS
'Support of roc_auc and score_quality_agg: unpacks the rows of a worker';

CREATE FUNCTION roc_auc_final(internal)
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_roc_auc_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 1000;
COMMENT ON FUNCTION roc_auc_final(internal) IS
'Support of roc_auc: sorts the rows and counts the pairs won';

-- The final function sorts the state, which changes nothing that a later row
-- could see: READ_ONLY, so that roc_auc works as a running window.
CREATE AGGREGATE roc_auc(score float8, label boolean)
(
    SFUNC = score_quality_trans,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = roc_auc_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = score_quality_combine,
    SERIALFUNC = score_quality_serial,
    DESERIALFUNC = score_quality_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE roc_auc(float8, boolean) IS
'Area under the ROC curve: the chance that a positive row scores above a negative one, ties counting half; NULL if only one class is present';

CREATE FUNCTION log_loss_trans(float8[], score float8, label boolean)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_lead_log_loss_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION log_loss_trans(float8[], float8, boolean) IS
'Support of log_loss: adds a row';

CREATE FUNCTION brier_score_trans(float8[], score float8, label boolean)
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_lead_brier_score_trans'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION brier_score_trans(float8[], float8, boolean) IS
'Support of brier_score: adds a row';

CREATE FUNCTION score_loss_combine(float8[], float8[])
RETURNS float8[]
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_loss_combine'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION score_loss_combine(float8[], float8[]) IS
'Support of log_loss and brier_score: adds the sums of a worker';

CREATE FUNCTION score_loss_final(float8[])
RETURNS float8
AS 'MODULE_PATHNAME', 'sales_intel_lead_score_loss_final'
LANGUAGE C
IMMUTABLE
STRICT
PARALLEL SAFE
COST 5;
COMMENT ON FUNCTION score_loss_final(float8[]) IS
'Support of log_loss and brier_score: the mean';

-- The state: rows, and their sum in two parts (see core/stats/si_sum.h).
CREATE AGGREGATE log_loss(score float8, label boolean)
(
    SFUNC = log_loss_trans,
    STYPE = float8[],
    SSPACE = 64,
    FINALFUNC = score_loss_final,
    COMBINEFUNC = score_loss_combine,
    INITCOND = '{0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE log_loss(float8, boolean) IS
'Mean of -ln(the probability given to what happened); Infinity if a score of exactly 0 or 1 was wrong';

CREATE AGGREGATE brier_score(score float8, label boolean)
(
    SFUNC = brier_score_trans,
    STYPE = float8[],
    SSPACE = 64,
    FINALFUNC = score_loss_final,
    COMBINEFUNC = score_loss_combine,
    INITCOND = '{0,0,0}',
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE brier_score(float8, boolean) IS
'Mean squared difference of score and outcome (1 or 0)';
