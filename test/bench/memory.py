"""Peak memory of a backend that trains, beyond what it had before.

Anonymous memory (RssAnon in /proc), that is without shared buffers, looked at
every 10 ms from a thread while the backend trains.  Each step has a backend of
its own, whose first statement does not touch the extension: loading the
library counts.
"""

import threading

import psycopg2

INTERVAL = 0.01
COLUMNS = ", ".join(f"x{j}" for j in range(1, 21))
TREES = ('"algorithm": "boosted_trees", "trees": 100, "depth": 6,'
         ' "l2": 1, "early_stop": 0')
TRAIN = f"""
    WITH trained AS MATERIALIZED (
        SELECT sales_intel.lead_model_agg(t.y, f, %s) AS model
        FROM bench.lead AS t, LATERAL (SELECT {COLUMNS}) AS f)
    SELECT pg_column_size(model),
           (sales_intel.lead_model_summary(model)).algorithm
    FROM trained"""
STEPS = {
    "logistic": '{"algorithm": "logistic", "folds": 0}',
    "logistic, with 5 folds": '{"algorithm": "logistic"}',
    "trees": f'{{{TREES}, "folds": 0}}',
    "trees, with quality and calibration": f"{{{TREES}}}",
    "default options, which try both": "{}",
}


def anonymous_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return 1024 * int(line.split()[1])
    raise ValueError("the kernel does not tell RssAnon")


class Watch(threading.Thread):
    """Keeps the largest value seen between start and stop."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid = pid
        self.base = self.peak = anonymous_bytes(pid)
        self.stopped = threading.Event()

    def run(self):
        while not self.stopped.wait(INTERVAL):
            self.peak = max(self.peak, anonymous_bytes(self.pid))

    def stop(self):
        self.stopped.set()
        self.join()


def measure(step, options):
    connection = psycopg2.connect("")
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        watch = Watch(cursor.fetchone()[0])
        watch.start()
        cursor.execute(TRAIN, [options])
        watch.stop()
        cursor.execute(
            "INSERT INTO bench.memory (step, base, peak, model_bytes, algorithm)"
            " VALUES (%s, %s, %s, %s, %s)",
            [step, watch.base, watch.peak, *cursor.fetchone()])
    connection.close()
    print(f"{step}: {(watch.peak - watch.base) / 1e6:.0f} MB", flush=True)


def main():
    for step, options in STEPS.items():
        measure(step, options)


if __name__ == "__main__":
    main()
