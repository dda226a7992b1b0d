"""Peak memory of a backend that forecasts many series, beyond what it had before.

As memory.py does for training: a thousand series of two years of months, ten
and a hundred times as many, grouped in each way the planner has.
"""

import psycopg2

from memory import Watch

QUERY = """
    SELECT count(*)
    FROM (SELECT series, forecast_agg(month, value, '{{"profile": "fast"}}') AS model
          FROM short WHERE series <= {} GROUP BY series) AS s, forecast(model, 3)"""
WAYS = {
    "index": ("Index Scan", "enable_hashagg, enable_sort, enable_bitmapscan"),
    "sort": ("Sort", "enable_hashagg, enable_indexscan, enable_bitmapscan"),
    "hash": ("HashAggregate", "enable_sort, enable_indexscan, enable_bitmapscan"),
}
WORK_MEM = "16MB"


def measure(step, series, node, settings):
    connection = psycopg2.connect("")
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('work_mem', %s, false), set_config('search_path', 'bench, sales_intel', false),"
            " (SELECT count(set_config(name, 'off', false)) FROM regexp_split_to_table(%s, ', ') AS name),"
            " pg_backend_pid()", [WORK_MEM, settings])
        pid = cursor.fetchone()[-1]
        query = QUERY.format(series)
        cursor.execute("EXPLAIN " + query)
        plan = "\n".join(line for line, in cursor)
        assert node in plan, plan
        watch = Watch(pid)
        watch.start()
        cursor.execute(query)
        watch.stop()
        assert cursor.fetchone() == (3 * series,)
        cursor.execute("INSERT INTO bench.memory (step, series, peak) VALUES (%s, %s, %s)",
                       [step, series, watch.peak - watch.base])
    connection.close()
    print(f"{step}, {series} series: {(watch.peak - watch.base) / 1e6:.1f} MB", flush=True)


def main():
    connection = psycopg2.connect("")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT series) FROM bench.short")
        most, = cursor.fetchone()
    connection.close()
    for step, (node, settings) in WAYS.items():
        for series in (most // 100, most // 10, most):
            measure(step, series, node, settings)


if __name__ == "__main__":
    main()
