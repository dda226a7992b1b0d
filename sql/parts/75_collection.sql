-- Governed access: what may be collected ------------------------------------

CREATE TABLE collection_rule (
    kind text COLLATE "C" NOT NULL CHECK (kind <> ''),
    scene text COLLATE "C" NOT NULL CHECK (scene <> ''),
    allowed boolean NOT NULL DEFAULT true,
    PRIMARY KEY (kind, scene)
);
COMMENT ON TABLE collection_rule IS
'Which kinds of events may be collected for which scene; what is not in it is not collected';

-- One row for each: a counter would be a row that all writers wait for.
CREATE TABLE collection_drop (
    at timestamptz NOT NULL,
    rel regclass NOT NULL,
    kind text COLLATE "C",
    scene text COLLATE "C",
    reason text NOT NULL
);
COMMENT ON TABLE collection_drop IS
'Events that were not collected, without what was in them; old rows may be deleted';

CREATE VIEW collection_dropped
WITH (security_barrier, security_invoker) AS
SELECT (d.at AT TIME ZONE 'UTC')::date AS day, d.rel, d.kind, d.scene, d.reason, count(*) AS events
FROM collection_drop AS d
GROUP BY 1, 2, 3, 4, 5;
COMMENT ON VIEW collection_dropped IS
'How many events were dropped on each day (UTC), by kind, scene and reason';

SELECT pg_extension_config_dump('collection_rule', '');
SELECT pg_extension_config_dump('collection_drop', '');

CREATE FUNCTION check_collection()
RETURNS trigger
AS 'MODULE_PATHNAME', 'sales_intel_access_check_collection'
LANGUAGE C
VOLATILE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION check_collection() IS
'Trigger function, BEFORE INSERT FOR EACH ROW: drops events that no collection rule allows, or refuses them; its argument is options as jsonb: kind, scene, subject, session (names of columns), mode (drop, error)';
