/*
 * The tables of doc/benchmarks.md, as Markdown.  Best of the runs; the ratio
 * is to the first step of the section.
 */
\pset tuples_only
\pset format unaligned

WITH best AS (
    SELECT section, step, min(position) AS position, min(seconds) AS seconds,
           max(rows) AS rows, min(processor) AS processor
    FROM bench.result
    GROUP BY section, step
), ratio AS (
    SELECT *,
           min(position) OVER same AS section_position,
           seconds / first_value(seconds) OVER same AS ratio,
           row_number() OVER same AS place,
           first_value(rows) OVER same IS NOT NULL AS by_rows,
           first_value(processor) OVER same IS NOT NULL AS by_processor
    FROM best
    WINDOW same AS (PARTITION BY section ORDER BY position)
)
SELECT CASE WHEN place = 1
            THEN format(E'\n## %s\n\n%s| | seconds |%s ratio |%s\n|---|---:|%s---:|%s\n',
                        section, words || E'\n\n',
                        CASE WHEN by_processor THEN ' processor |' END,
                        CASE WHEN by_rows THEN ' rows/s |' END,
                        CASE WHEN by_processor THEN '---:|' END,
                        CASE WHEN by_rows THEN '---:|' END)
            ELSE ''
       END ||
       format('| %s | %s |%s %s |', step, round(seconds::numeric, 3),
              CASE WHEN by_processor
                   THEN format(' %s |', round(processor::numeric, 2)) END,
              round(ratio::numeric, 2)) ||
       CASE WHEN by_rows
            THEN format(' %s |', round((rows / seconds)::numeric, -2))
            ELSE ''
       END
FROM ratio
LEFT JOIN bench.about USING (section)
ORDER BY min(section_position) OVER (PARTITION BY section), place;
