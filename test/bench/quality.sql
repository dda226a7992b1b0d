/*
 * AUC of the models of the benchmark on rows that none of them has seen.
 */
\pset tuples_only
\pset format unaligned

SELECT CASE WHEN row_number() OVER (ORDER BY position) = 1
            THEN E'| | AUC | difference |\n|---|---:|---:|\n' ELSE ''
       END ||
       format('| %s | %s | %s |', source, round(roc_auc::numeric, 5),
              round((roc_auc - first_value(roc_auc) OVER (ORDER BY position))::numeric, 5))
FROM bench.quality
ORDER BY position;
