/*
 * What following all events takes of a backend's own memory.
 */
\pset tuples_only
\pset format unaligned

SELECT CASE WHEN row_number() OVER (ORDER BY position) = 1
            THEN E'| | peak, MB | result, kB |\n|---|---:|---:|\n' ELSE ''
       END ||
       format('| %s | %s | %s |', step, round((peak - base) / 1e6),
              round(value_bytes / 1e3, 1))
FROM bench.memory
ORDER BY position;
