/*
 * The tables of doc/benchmarks.md, as Markdown.  Best of the runs; the ratio
 * is to the first step of the section.
 */
\pset tuples_only
\pset format unaligned

WITH best AS (
    SELECT section, step, min(position) AS position, min(seconds) AS seconds
    FROM bench.result
    GROUP BY section, step
), ratio AS (
    SELECT *,
           min(position) OVER same AS section_position,
           seconds / first_value(seconds) OVER same AS ratio,
           row_number() OVER same AS place
    FROM best
    WINDOW same AS (PARTITION BY section ORDER BY position)
)
SELECT CASE WHEN place = 1
            THEN format(E'\n## %s\n\n| | seconds | ratio |\n|---|---:|---:|\n',
                        section)
            ELSE ''
       END ||
       format('| %s | %s | %s |', step, round(seconds::numeric, 3),
              round(ratio::numeric, 2))
FROM ratio
ORDER BY min(section_position) OVER (PARTITION BY section), place;
