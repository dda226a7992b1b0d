/*
 * What each question got from how many ways of asking.
 */
\pset tuples_only
\pset format unaligned

WITH given AS (
    SELECT question, answer, count(DISTINCT source) AS sources,
           min(position) AS position
    FROM bench.answer
    GROUP BY question, answer
)
SELECT CASE WHEN row_number() OVER (ORDER BY position) = 1
            THEN E'| question | answer | given by |\n|---|---|---:|\n' ELSE ''
       END || format('| %s | %s | %s |', question, answer, sources)
FROM given
ORDER BY position;
