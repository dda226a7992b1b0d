-- What a bug report needs: the items are fixed, most values are the machine's.
SELECT item FROM sales_intel.build_info();

-- The library and the installed script are of one version.
SELECT value = extversion AS same_version
FROM sales_intel.build_info(), pg_extension
WHERE extname = 'sales_intel' AND item = 'extension version';

SELECT value = current_setting('server_version') AS same_server
FROM sales_intel.build_info()
WHERE item = 'server version';

-- A backend never starts threads.
SELECT item, value
FROM sales_intel.build_info()
WHERE item IN ('blas flavour', 'blas threads')
ORDER BY item;

-- The settings
SELECT name, setting, unit, context, min_val
FROM pg_settings
WHERE name LIKE 'sales\_intel.%'
ORDER BY name;
\set VERBOSITY sqlstate
SET sales_intel.fit_memory = '64kB';
\set VERBOSITY default
SET sales_intel.fit_memory = '64MB';
SHOW sales_intel.fit_memory;
SET sales_intel.no_such_setting = 1;
