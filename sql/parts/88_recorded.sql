-- Governed access: recorded from the start --------------------------------

-- Who changed the rules of the game is recorded from the start.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{principal,principal_attribute,signing_key,trusted_definer,project,project_member,project_account,
            access_rule,protected_table,pseudonym_key,consent_scene,consent_regime,release_limit,release_level}'::text[] LOOP
        EXECUTE pg_catalog.format('CREATE TRIGGER sales_intel_record AFTER INSERT OR UPDATE OR DELETE ON sales_intel.%I
            FOR EACH ROW EXECUTE FUNCTION sales_intel.record_access()', name);
        EXECUTE pg_catalog.format('CREATE TRIGGER sales_intel_record_truncate AFTER TRUNCATE ON sales_intel.%I
            FOR EACH STATEMENT EXECUTE FUNCTION sales_intel.record_access()', name);
    END LOOP;
END
$$;
