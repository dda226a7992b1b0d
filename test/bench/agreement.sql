/*
 * How far the coefficients of each source are from one that is exact.
 */
\pset tuples_only
\pset format unaligned

SELECT format('- %s: %s', c.source,
              to_char(max(abs(c.value - e.value)), '9.9EEEE'))
FROM bench.coefficient AS c
JOIN bench.coefficient AS e USING (name)
WHERE e.source = 'scikit-learn newton-cholesky' AND c.source <> e.source
GROUP BY c.source
ORDER BY c.source = 'truth', c.source;
