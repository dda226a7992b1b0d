-- sales_intel: install script, made of the files in sql/parts in order of name.
-- Everything lands in schema sales_intel, which the control file fixes.
\echo Use "CREATE EXTENSION sales_intel" to load this file. \quit

