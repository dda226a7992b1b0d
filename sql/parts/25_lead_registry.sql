-- Lead scoring: registry of models -------------------------------------
--
-- Named models in versions, of which at most one per name is champion.  Every
-- function runs with the rights of its caller: who may read, train and promote
-- follows from the rights on the table.

-- What can be read off the model is computed from it, so that no row can claim
-- a quality that its model does not have.
CREATE TABLE model_version (
    name text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    model lead_model NOT NULL,
    label text NOT NULL,
    query text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    rows bigint GENERATED ALWAYS AS ((lead_model_summary(model)).rows) STORED,
    positives bigint GENERATED ALWAYS AS ((lead_model_summary(model)).positives) STORED,
    roc_auc float8 GENERATED ALWAYS AS ((lead_model_summary(model)).roc_auc) STORED,
    brier_score float8 GENERATED ALWAYS AS ((lead_model_summary(model)).brier_score) STORED,
    calibration_error float8 GENERATED ALWAYS AS ((lead_model_summary(model)).calibration_error) STORED,
    usable boolean GENERATED ALWAYS AS ((lead_model_summary(model)).usable) STORED,
    status text NOT NULL DEFAULT 'candidate' CHECK (status IN ('candidate', 'champion', 'retired')),
    trained_by name NOT NULL DEFAULT CURRENT_USER,
    trained_at timestamptz NOT NULL DEFAULT now(),
    model_hash text GENERATED ALWAYS AS (model_hash(model)) STORED,
    CONSTRAINT model_version_pkey PRIMARY KEY (name, version),
    CONSTRAINT model_version_champion_usable CHECK (status <> 'champion' OR (usable AND roc_auc IS NOT NULL))
);
COMMENT ON TABLE model_version IS
'Registry of lead models: every version with the query, label and options that trained it, its out-of-fold quality, and its status';

-- active_lead_model looks a champion up by this index, by name.
CREATE UNIQUE INDEX model_version_champion ON model_version (name) WHERE status = 'champion';

SELECT pg_extension_config_dump('model_version', '');

-- No foreign key: rows come back from a dump in any order.
CREATE TABLE model_subject (
    name text NOT NULL,
    version integer NOT NULL,
    subject text COLLATE "C" NOT NULL,
    PRIMARY KEY (subject, name, version)
);
COMMENT ON TABLE model_subject IS
'Whose rows a model has learned from, where the option subject_key said which column knows';

SELECT pg_extension_config_dump('model_subject', '');

CREATE VIEW lead_model_version
WITH (security_barrier, security_invoker) AS
SELECT name, version, label, query, options, rows, positives, roc_auc,
    brier_score, calibration_error, usable, status, trained_by, trained_at,
    model_hash
FROM model_version;
COMMENT ON VIEW lead_model_version IS
'The registry without the models themselves';

CREATE VIEW lead_model_history
WITH (security_barrier, security_invoker) AS
SELECT name, version, status, usable, trained_at,
    (extract(epoch FROM now() - trained_at) / 86400)::float8 AS days_since_training,
    rows, positives, positives / nullif(rows, 0)::float8 AS positive_share,
    roc_auc, roc_auc - lag(roc_auc) OVER earlier AS roc_auc_change,
    brier_score, brier_score - lag(brier_score) OVER earlier AS brier_score_change,
    calibration_error,
    calibration_error - lag(calibration_error) OVER earlier AS calibration_error_change,
    (query, label, options) IS DISTINCT FROM lag((query, label, options)) OVER earlier
        AND lag(version) OVER earlier IS NOT NULL AS recipe_changed
FROM model_version
WINDOW earlier AS (PARTITION BY name ORDER BY version);
COMMENT ON VIEW lead_model_history IS
'Quality over time: each version with the change of its figures against the version before, and whether query, label or options changed too';

-- Training

CREATE FUNCTION training_query(name text, query text, label name, options jsonb)
RETURNS text
AS 'MODULE_PATHNAME', 'sales_intel_lead_training_query'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 1000;
COMMENT ON FUNCTION training_query(text, text, name, jsonb) IS
'Support of train_lead_model: the statement that trains, or an error that says what is wrong with the arguments';

-- An "exclude" that is no list is left to the aggregate, which refuses it.
CREATE FUNCTION training_options(options jsonb, label name)
RETURNS jsonb
LANGUAGE SQL
IMMUTABLE
STRICT
PARALLEL SAFE
COST 10
RETURN CASE
    WHEN jsonb_typeof(options) <> 'object' THEN options
    WHEN COALESCE(jsonb_typeof(options -> 'exclude'), 'array') = 'array' THEN jsonb_set(options - '{scenes,subject_key}'::text[], '{exclude}',
        COALESCE(options -> 'exclude', '[]') || to_jsonb(array_remove(ARRAY[label::text, options ->> 'subject_key'], NULL)))
    ELSE options - '{scenes,subject_key}'::text[]
END;
COMMENT ON FUNCTION training_options(jsonb, name) IS
'Support of train_lead_model: the options of lead_model_agg, which does not learn from label and subject_key';

CREATE FUNCTION promotion_problem(model lead_model)
RETURNS text
LANGUAGE SQL
IMMUTABLE
STRICT
PARALLEL SAFE
COST 200
RETURN (
    SELECT CASE
        WHEN NOT s.usable THEN concat('It is not usable: ', (
            SELECT string_agg(w.message, '; ')
            FROM lead_model_warnings(model) AS w
            WHERE w.code IN ('no_signal', 'one_class', 'too_few_rows')), '.')
        WHEN s.auc_low IS NULL THEN
            'Its quality was not measured: it was trained without folds, or on too few rows for them.'
    END
    FROM lead_model_summary(model) AS s
);
COMMENT ON FUNCTION promotion_problem(lead_model) IS
'Why promote_model refuses a model, in words; NULL if it does not';

-- No search_path here: the query is to mean what it means to the caller.  All
-- else is spelled out.
CREATE FUNCTION train_lead_model(name text, query text, label name, options jsonb)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
AS $$
#variable_conflict use_column
DECLARE
    trained sales_intel.lead_model;
    subjects pg_catalog.text[];
    given integer;
    problem pg_catalog.text;
BEGIN
    EXECUTE sales_intel.training_query(train_lead_model.name, train_lead_model.query,
            train_lead_model.label, train_lead_model.options)
        INTO trained, subjects
        USING sales_intel.training_options(train_lead_model.options, train_lead_model.label);
    IF trained IS NULL THEN
        RAISE EXCEPTION 'nothing to train lead model "%" on', train_lead_model.name USING
            ERRCODE = 'no_data_found',
            DETAIL = pg_catalog.format('The query returned no row with a known "%s".', train_lead_model.label),
            HINT = 'The label is true for won, false for lost, and NULL for open leads, which are skipped.';
    END IF;

    -- Another session that takes the same number makes this one wait, then
    -- find nothing to insert and look again.
    FOR attempt IN 1..100 LOOP
        INSERT INTO sales_intel.model_version AS v (name, version, model, label, query, options)
        SELECT train_lead_model.name, COALESCE(pg_catalog.max(m.version), 0) OPERATOR(pg_catalog.+) 1,
            trained, train_lead_model.label, train_lead_model.query, train_lead_model.options
        FROM sales_intel.model_version AS m
        WHERE m.name OPERATOR(pg_catalog.=) train_lead_model.name
        ON CONFLICT ON CONSTRAINT model_version_pkey DO NOTHING
        RETURNING v.version INTO given;
        EXIT WHEN given IS NOT NULL;
    END LOOP;
    IF given IS NULL THEN
        RAISE EXCEPTION 'no version of lead model "%" could be added', train_lead_model.name USING
            ERRCODE = 'serialization_failure',
            DETAIL = 'Each number tried was taken by a row that cannot be seen.',
            HINT = 'Try again; if that does not help, see whether row security hides versions from you.';
    END IF;

    IF subjects IS NOT NULL THEN
        INSERT INTO sales_intel.model_subject (name, version, subject)
        SELECT train_lead_model.name, given, s
        FROM pg_catalog.unnest(subjects) AS s
        WHERE s IS NOT NULL;
    END IF;

    problem := sales_intel.promotion_problem(trained);
    IF problem IS NOT NULL THEN
        RAISE WARNING 'version % of lead model "%" cannot be promoted', given, train_lead_model.name USING
            DETAIL = problem,
            HINT = 'It is kept as a candidate; see lead_model_warnings of its model.';
    END IF;
    RETURN given;
END
$$;
COMMENT ON FUNCTION train_lead_model(text, text, name, jsonb) IS
'Train a lead model on the rows of a query, run as the caller, and add it to the registry as a candidate; returns its version';

CREATE FUNCTION train_lead_model(name text, query text, label name)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
AS $$
BEGIN
    RETURN sales_intel.train_lead_model(name, query, label, '{}'::pg_catalog.jsonb);
END
$$;
COMMENT ON FUNCTION train_lead_model(text, text, name) IS
'Train a lead model with default options and add it to the registry as a candidate; returns its version';

-- The stored query was written by somebody: whoever repeats it lends it rights.
CREATE FUNCTION train_lead_model(name text)
RETURNS integer
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 100000
AS $$
#variable_conflict use_column
DECLARE
    latest pg_catalog.record;
BEGIN
    IF train_lead_model.name IS NULL THEN
        RAISE EXCEPTION 'argument "name" of train_lead_model is NULL' USING
            ERRCODE = 'null_value_not_allowed',
            DETAIL = 'The name says which model to train again.',
            HINT = 'See lead_model_version for what there is.';
    END IF;
    SELECT v.query, v.label, v.options, v.trained_by INTO latest
    FROM sales_intel.model_version AS v
    WHERE v.name OPERATOR(pg_catalog.=) train_lead_model.name
    ORDER BY v.version DESC
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no lead model "%"', train_lead_model.name USING
            ERRCODE = 'undefined_object',
            DETAIL = 'The registry has no version of it to repeat.',
            HINT = 'Train it with its query and label first: train_lead_model(name, query, label).';
    END IF;
    PERFORM FROM pg_catalog.pg_roles AS r
    WHERE r.rolname OPERATOR(pg_catalog.=) latest.trained_by
        AND pg_catalog.pg_has_role(r.oid, CURRENT_USER, 'USAGE');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the query of lead model "%" is not repeated with your rights', train_lead_model.name USING
            ERRCODE = 'insufficient_privilege',
            DETAIL = pg_catalog.format('Role "%s" wrote it, and does not have the rights of role "%s" that it would run with.',
                latest.trained_by, CURRENT_USER),
            HINT = 'Read the query in lead_model_version and pass it on: train_lead_model(name, query, label, options).';
    END IF;
    RETURN sales_intel.train_lead_model(train_lead_model.name, latest.query, latest.label::pg_catalog.name, latest.options);
END
$$;
COMMENT ON FUNCTION train_lead_model(text) IS
'Train a lead model again with the query, label and options of its last version; returns the new version';

-- Promotion

CREATE FUNCTION promote_model(name text, version integer)
RETURNS void
LANGUAGE plpgsql
VOLATILE
CALLED ON NULL INPUT
PARALLEL UNSAFE
COST 1000
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    chosen record;
BEGIN
    IF promote_model.name IS NULL OR promote_model.version IS NULL THEN
        RAISE EXCEPTION 'argument "%" of promote_model is NULL',
                CASE WHEN promote_model.name IS NULL THEN 'name' ELSE 'version' END USING
            ERRCODE = 'null_value_not_allowed',
            DETAIL = 'Name and version say which model to promote.',
            HINT = 'See lead_model_version for what there is.';
    END IF;

    -- Promotions of one name wait for one another at its first version, and
    -- only then look at the rest.
    PERFORM FROM sales_intel.model_version AS v
    WHERE v.name = promote_model.name
    ORDER BY v.version
    LIMIT 1
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no lead model "%"', promote_model.name USING
            ERRCODE = 'undefined_object',
            DETAIL = 'The registry has no version of it to promote.',
            HINT = 'Train it first with train_lead_model, or see lead_model_version for what there is.';
    END IF;

    SELECT v.status, sales_intel.promotion_problem(v.model) AS problem INTO chosen
    FROM sales_intel.model_version AS v
    WHERE v.name = promote_model.name AND v.version = promote_model.version
    FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'lead model "%" has no version %', promote_model.name, promote_model.version USING
            ERRCODE = 'undefined_object',
            DETAIL = format('Its last version is %s.', (
                SELECT max(v.version) FROM sales_intel.model_version AS v WHERE v.name = promote_model.name)),
            HINT = 'See lead_model_version for what there is.';
    ELSIF chosen.status = 'champion' THEN
        RETURN;
    ELSIF chosen.problem IS NOT NULL THEN
        RAISE EXCEPTION 'version % of lead model "%" cannot be promoted', promote_model.version, promote_model.name USING
            ERRCODE = 'object_not_in_prerequisite_state',
            DETAIL = chosen.problem,
            HINT = 'Train it with folds, on enough won and lost leads, with columns that tell them apart; the champion stays as it is.';
    END IF;

    UPDATE sales_intel.model_version AS v SET status = 'retired'
    WHERE v.name = promote_model.name AND v.status = 'champion';
    UPDATE sales_intel.model_version AS v SET status = 'champion'
    WHERE v.name = promote_model.name AND v.version = promote_model.version;
END
$$;
COMMENT ON FUNCTION promote_model(text, integer) IS
'Make a version the champion of its name, and retire the one before; an older version is promoted to roll back';

CREATE FUNCTION active_lead_model(name text)
RETURNS lead_model
AS 'MODULE_PATHNAME', 'sales_intel_lead_active_model'
LANGUAGE C
STABLE
STRICT
PARALLEL SAFE
COST 1;
COMMENT ON FUNCTION active_lead_model(text) IS
'The champion of a name, looked up once per statement; NULL while no version is champion, an error for an unknown name';
