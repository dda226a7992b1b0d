-- Loads aus_retail.csv.gz into table retail, for tests and demonstration.  psql
-- must run in the folder of the repository:
--
--   \i test/data/retail.sql
--
-- Turnover is in millions of Australian dollars.

CREATE TABLE retail (
    state     text,
    industry  text,
    month     date,
    turnover  double precision
);

\copy retail FROM PROGRAM 'gzip -dc test/data/aus_retail.csv.gz' (FORMAT csv, HEADER)

ANALYZE retail;
