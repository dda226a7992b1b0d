-- Privileges -----------------------------------------------------------
--
-- Every GRANT and REVOKE of the extension is here.  PUBLIC may look into the
-- schema and execute pure functions, which PostgreSQL grants by default;
-- whatever writes, or reads the extension's own tables, is revoked below.

GRANT USAGE ON SCHEMA sales_intel TO PUBLIC;
