-- Loads online_shoppers_intention.csv.gz into table shopper, for tests and
-- benchmarks.  psql must run in the folder of the repository:
--
--   \i test/data/shoppers.sql
--
-- Columns keep the file's names, in lower case.  Operating system, browser,
-- region and type of traffic are codes, so they are text.

CREATE TABLE shopper (
    session_id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    administrative          integer,
    administrative_duration double precision,
    informational           integer,
    informational_duration  double precision,
    productrelated          integer,
    productrelated_duration double precision,
    bouncerates             double precision,
    exitrates               double precision,
    pagevalues              double precision,
    specialday              double precision,
    month                   text,
    operatingsystems        text,
    browser                 text,
    region                  text,
    traffictype             text,
    visitortype             text,
    weekend                 boolean,
    revenue                 boolean
);

\copy shopper (administrative, administrative_duration, informational, informational_duration, productrelated, productrelated_duration, bouncerates, exitrates, pagevalues, specialday, month, operatingsystems, browser, region, traffictype, visitortype, weekend, revenue) FROM PROGRAM 'gzip -dc test/data/online_shoppers_intention.csv.gz' (FORMAT csv, HEADER, DELIMITER ';')

ANALYZE shopper;
