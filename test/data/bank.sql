-- Loads bank-additional-full.csv.gz into table bank_lead, for the demonstration
-- and the examples of doc/.  psql must run in the folder
-- of the repository:
--
--   \i test/data/bank.sql
--
-- Dots in column names become underscores, "default", a key word, becomes
-- in_default, the label y a boolean, and 999 days since the last contact, the
-- file's code for "never contacted", NULL.

CREATE TEMPORARY TABLE bank_file (
    lead_id         bigint GENERATED ALWAYS AS IDENTITY,
    age             integer,
    job             text,
    marital         text,
    education       text,
    in_default      text,
    housing         text,
    loan            text,
    contact         text,
    month           text,
    day_of_week     text,
    duration        integer,
    campaign        integer,
    pdays           integer,
    previous        integer,
    poutcome        text,
    emp_var_rate    double precision,
    cons_price_idx  double precision,
    cons_conf_idx   double precision,
    euribor3m       double precision,
    nr_employed     double precision,
    y               boolean
);

-- On one line, as \copy wants it; the list leaves out lead_id, the line number.
\copy bank_file (age, job, marital, education, in_default, housing, loan, contact, month, day_of_week, duration, campaign, pdays, previous, poutcome, emp_var_rate, cons_price_idx, cons_conf_idx, euribor3m, nr_employed, y) FROM PROGRAM 'gzip -dc test/data/bank-additional-full.csv.gz' WITH (FORMAT csv, HEADER, DELIMITER ';')

CREATE TABLE bank_lead AS
SELECT lead_id, age, job, marital, education, in_default, housing, loan,
    contact, month, day_of_week, duration, campaign,
    NULLIF(pdays, 999) AS pdays, previous, poutcome, emp_var_rate,
    cons_price_idx, cons_conf_idx, euribor3m, nr_employed, y
FROM bank_file
ORDER BY lead_id;

ALTER TABLE bank_lead ADD PRIMARY KEY (lead_id);
DROP TABLE bank_file;
ANALYZE bank_lead;
