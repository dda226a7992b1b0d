/*
 * AUC of the models of the benchmark on rows that none of them has seen: trees,
 * then coefficients.
 */
\pset tuples_only
\pset format unaligned

WITH quality AS (
    SELECT source, roc_auc,
           row_number() OVER (ORDER BY source LIKE '%logistic', position) AS place
    FROM bench.quality
)
SELECT CASE WHEN place = 1 THEN E'| | AUC | difference |\n|---|---:|---:|\n'
            ELSE ''
       END ||
       format('| %s | %s | %s |', source, round(roc_auc::numeric, 5),
              round((roc_auc - first_value(roc_auc) OVER (ORDER BY place))::numeric, 5))
FROM quality
ORDER BY place;
