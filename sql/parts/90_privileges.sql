-- Privileges -----------------------------------------------------------
--
-- Every GRANT and REVOKE of the extension is here.  PUBLIC may look into the
-- schema and execute pure functions, which PostgreSQL grants by default;
-- whatever writes, or reads the extension's own tables, is revoked below.

GRANT USAGE ON SCHEMA sales_intel TO PUBLIC;

-- The registry: see doc/model-registry.md for the grants that an analyst, a
-- trainer and a promoter need.  active_lead_model checks the rights on the
-- table itself.
REVOKE ALL ON TABLE model_version, model_subject, lead_model_version, lead_model_history FROM PUBLIC;
REVOKE ALL ON FUNCTION train_lead_model(text, text, name, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION train_lead_model(text, text, name) FROM PUBLIC;
REVOKE ALL ON FUNCTION train_lead_model(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION promote_model(text, integer) FROM PUBLIC;

-- Governed access: PUBLIC keeps the getters that policies call, and whoami.
-- The tables are the owner's; grant_role opens what each profile needs.
REVOKE ALL ON TABLE principal, principal_attribute, signing_key, token_use,
    trusted_definer, project, project_member, project_account, access_rule,
    protected_table FROM PUBLIC;
REVOKE ALL ON FUNCTION begin_identity(text), token_audience(), session_nonce(),
    sign_token(text, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION create_access_rule(regclass, text, text, text[], text), drop_access_rule(regclass, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION protect_table(regclass, jsonb), unprotect_table(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION follow_ddl(), follow_drop(), check_reference() FROM PUBLIC;
REVOKE ALL ON FUNCTION access_advisor(), policy_faults(), governed_tables(),
    advice_on_tables(), advice_on_rules(), advice_on_copies(), advice_on_functions(),
    advice_on_roles(), advice_on_keys(), advice_on_principals(), advice_on_records() FROM PUBLIC;
REVOKE ALL ON FUNCTION explain_access(text, regclass, text, jsonb), explain_access(text, regclass, text),
    preview_access(text, regclass), who_could_access(regclass, text, timestamptz) FROM PUBLIC;

-- Whoever may call pseudonym can try values.  Trigger functions are for those
-- whose tables they record.
REVOKE ALL ON TABLE pseudonym_key, access_trail FROM PUBLIC;
REVOKE ALL ON FUNCTION pseudonym(text, text), create_pseudonym_key(text),
    record_access(), keep_trail(), purge_access_trail(timestamptz),
    record_writes(regclass), stop_recording(regclass) FROM PUBLIC;

-- Consent.
REVOKE ALL ON TABLE consent_scene, consent_regime, consent_subject, consent_event,
    consent_state, consent_session, consent_use, outbox, consent_worklist FROM PUBLIC;
REVOKE ALL ON FUNCTION consent_replay(text, text, timestamptz), keep_consent(), check_consent_key(text, text),
    consent_bits(text[]), check_consent_options(jsonb, text[]), consent_time(jsonb, text), consent_span(jsonb),
    check_session(text, text[]), consent_stream(text), live_consent(text, text), consent_changed(text, bigint, boolean),
    lock_consent(text), still_allows(text, text, text), cancel_actions(text), settle_consent(text, text, boolean),
    notify_outbox(text), tell_of_withdrawal(text, bigint[]), append_events(text, text, text[], jsonb),
    change_consent(text, text, text[], jsonb), ask_consent(text, text[], jsonb), grant_consent(text, text[], jsonb),
    refuse_consent(text, text[], jsonb), withdraw_consent(text, text[], jsonb), explain_missing(text, text, text),
    consent_needs(text, text, text[]), require_consent(text, text, text, text[]),
    queue_action(text, text, text, jsonb, timestamptz, text), acknowledge(bigint), check_regime(text),
    adopt_regime(text), set_subject(text, text, boolean), recheck_consent(bigint), consent_report(text, timestamptz),
    consent_as_of(text, timestamptz), consent_kpis(timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION current_author() FROM PUBLIC;

REVOKE ALL ON TABLE collection_rule, collection_drop, collection_dropped, model_exposure FROM PUBLIC;
REVOKE ALL ON FUNCTION check_collection(), scrub_subject(regclass, text, text, text[]),
    erase_subject(text), keep_records() FROM PUBLIC;

-- The ledger.
REVOKE ALL ON TABLE ledger, ledger_head FROM PUBLIC;
REVOKE ALL ON FUNCTION keep_ledger(), ledger_append(text, text, jsonb), ledger_lock(text),
    ledger_salt(text), ledger_commitment(text), ledger_verify(text), ledger_verify(),
    ledger_digest(), ledger_verify_digest(jsonb) FROM PUBLIC;

-- Money.
REVOKE ALL ON TABLE release_limit, release_level, release_health, release, intact_release,
    effective_release, my_release FROM PUBLIC;
REVOKE ALL ON FUNCTION keep_shipped(), release_author(), release_health_now(text[]),
    check_release(text, text, timestamptz, numeric, text[]), enter_release(bigint, text, text, numeric, jsonb),
    decide_release(text, bigint, text), guard_release(), is_person(text), enter_health(text, text, text),
    request_release(text, text, numeric, jsonb), approve_release(bigint, text), reject_release(bigint, text),
    set_release_health(text, text, text) FROM PUBLIC;

-- PUBLIC asks what customers allow, in policies.
REVOKE ALL ON TABLE consent_ticket_key FROM PUBLIC;

-- Profiles: who may grant what is the server's to check, but the list of it is
-- for those who grant.
REVOKE ALL ON TABLE profile_grant FROM PUBLIC;
REVOKE ALL ON FUNCTION run_grants(boolean, text, regrole), grant_role(text, regrole),
    revoke_role(text, regrole) FROM PUBLIC;

-- Consent in rows and views: trigger functions are for those whose tables they
-- keep.  PUBLIC may ask a mask that it can read, as policies do.
REVOKE ALL ON TABLE consent_view, frozen_field FROM PUBLIC;
REVOKE ALL ON FUNCTION keep_consent_mask(),
    create_consent_view(text, regclass, name, jsonb, jsonb), drop_consent_view(text), keep_frozen_fields() FROM PUBLIC;
