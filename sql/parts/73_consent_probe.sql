-- Governed access: does a customer allow it, now? ---------------------------

CREATE TABLE consent_ticket_key (
    number smallint PRIMARY KEY DEFAULT 1 CHECK (number = 1),
    secret bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
);
COMMENT ON TABLE consent_ticket_key IS
'The key of the tickets for parallel workers; nobody reads it, and it is not dumped';

INSERT INTO consent_ticket_key DEFAULT VALUES;

CREATE FUNCTION consent_ticket()
RETURNS bytea
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_ticket'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 500;
COMMENT ON FUNCTION consent_ticket() IS
'Proof for consent_live that somebody looks, for this transaction and role; an error if nobody does';

-- For people and for functions

CREATE FUNCTION consent_allows(subject text, scene text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_text'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION consent_allows(text, text) IS
'Does the customer allow the use, now? An error if nobody looks';

CREATE FUNCTION consent_allows(subject bigint, scene text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_bigint'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION consent_allows(bigint, text) IS
'Does the customer allow the use, now? An error if nobody looks';

CREATE FUNCTION consent_allows(subject uuid, scene text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_uuid'
LANGUAGE C
STABLE
STRICT
PARALLEL RESTRICTED
COST 10;
COMMENT ON FUNCTION consent_allows(uuid, text) IS
'Does the customer allow the use, now? An error if nobody looks';

CREATE FUNCTION consent_allows(subject text, scene text, session text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_text'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 20;
COMMENT ON FUNCTION consent_allows(text, text, text) IS
'Does the customer allow the use in that session, now? What was said in it comes first; without one, what stands for all';

CREATE FUNCTION consent_allows(subject bigint, scene text, session text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_bigint'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 20;
COMMENT ON FUNCTION consent_allows(bigint, text, text) IS
'Does the customer allow the use in that session, now? What was said in it comes first; without one, what stands for all';

CREATE FUNCTION consent_allows(subject uuid, scene text, session text)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_uuid'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL RESTRICTED
COST 20;
COMMENT ON FUNCTION consent_allows(uuid, text, text) IS
'Does the customer allow the use in that session, now? What was said in it comes first; without one, what stands for all';

-- In policies and views: with (SELECT consent_ticket()), so that plans stay
-- parallel.

CREATE FUNCTION consent_live(subject text, scene text, session text, ticket bytea)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_text'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION consent_live(text, text, text, bytea) IS
'consent_allows() for policies and views, with a ticket for who looks';

CREATE FUNCTION consent_live(subject bigint, scene text, session text, ticket bytea)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_bigint'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION consent_live(bigint, text, text, bytea) IS
'consent_allows() for policies and views, with a ticket for who looks';

CREATE FUNCTION consent_live(subject uuid, scene text, session text, ticket bytea)
RETURNS boolean
AS 'MODULE_PATHNAME', 'sales_intel_access_consent_uuid'
LANGUAGE C
STABLE
CALLED ON NULL INPUT
PARALLEL SAFE
COST 10;
COMMENT ON FUNCTION consent_live(uuid, text, text, bytea) IS
'consent_allows() for policies and views, with a ticket for who looks';
