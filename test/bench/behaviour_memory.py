"""Peak memory of a backend that follows all events, beyond what it had before.

As memory.py does for training.
"""

import psycopg2

from memory import Watch

STEPS = {
    "funnel_summary_agg, a half are steps":
        "funnel_summary_agg(entity, at, event, '{R,S,T}', '7 days')",
    "funnel_summary_agg, one in 23 is":
        "funnel_summary_agg(entity, at, event, '{A,B,C}', '7 days')",
    "transition_summary_agg": "transition_summary_agg(entity, at, event)",
}
GROUPED = {
    "funnel_agg with GROUP BY, a half are steps":
        "funnel_agg(at, event, '{R,S,T}', '7 days')",
    "sequence_agg with GROUP BY": "sequence_agg(at, event)",
}
ALL = "SELECT pg_column_size({}) FROM event"
EACH = ("SELECT sum(size) FROM (SELECT pg_column_size({}) AS size"
        " FROM event GROUP BY entity) AS e")


def measure(step, query, work_mem):
    connection = psycopg2.connect("")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, false),"
                       " set_config('search_path', 'bench, sales_intel', false),"
                       " pg_backend_pid()", [work_mem])
        watch = Watch(cursor.fetchone()[2])
        watch.start()
        cursor.execute(query)
        watch.stop()
        cursor.execute(
            "INSERT INTO bench.memory (step, base, peak, value_bytes)"
            " VALUES (%s, %s, %s, %s)",
            [step, watch.base, watch.peak, *cursor.fetchone()])
    connection.close()
    print(f"{step}: {(watch.peak - watch.base) / 1e6:.0f} MB", flush=True)


def main():
    for step, call in STEPS.items():
        measure(step, ALL.format(call), "256MB")
    for work_mem in ("256MB", "16MB"):
        for step, call in GROUPED.items():
            measure(f"{step}, work_mem {work_mem}", EACH.format(call), work_mem)


if __name__ == "__main__":
    main()
