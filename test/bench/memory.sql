/*
 * What training takes of a backend's own memory, and the size of the model.
 */
\pset tuples_only
\pset format unaligned

SELECT CASE WHEN row_number() OVER (ORDER BY position) = 1
            THEN E'| | peak, MB | model, kB | algorithm |\n|---|---:|---:|---|\n' ELSE ''
       END ||
       format('| %s | %s | %s | %s |', step, round((peak - base) / 1e6),
              round(model_bytes / 1e3, 1), algorithm)
FROM bench.memory
ORDER BY position;
