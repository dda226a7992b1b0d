"""What the peers share: binary COPY out and back, a clock, the results.

The connection comes from PGHOST and the like.  Starting Python and importing
the libraries, some seconds, is not counted.
"""

import io
import time

import numpy

RUNS = 3
NAMES = [f"x{j}" for j in range(1, 21)]

# Binary COPY: a header, then per row a column count and per value its length.
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
ROW = numpy.dtype([
    ("columns", ">i2"), ("id_size", ">i4"), ("id", ">i8"),
    ("y_size", ">i4"), ("y", "u1"),
    ("x", [("size", ">i4"), ("value", ">f8")], len(NAMES)),
])
SCORED = numpy.dtype([
    ("columns", ">i2"), ("id_size", ">i4"), ("id", ">i8"),
    ("score_size", ">i4"), ("score", ">f8"),
])
END = b"\xff\xff"


class Clock:
    """Seconds of each named phase, by the wall and of the processor."""

    def __init__(self):
        self.seconds = {}
        self.processor = {}

    def time(self, phase, function, *arguments):
        start, start_processor = time.perf_counter(), time.process_time()
        result = function(*arguments)
        self.seconds[phase] = time.perf_counter() - start
        self.processor[phase] = time.process_time() - start_processor
        return result

    def total(self, *phases):
        return sum(self.seconds[phase] for phase in phases)

    def print(self, how):
        phases = ", ".join(f"{phase} {seconds:.3f}"
                           for phase, seconds in self.seconds.items())
        print(f"{how}: {phases}", flush=True)


def copy_out(connection, form, table="bench.lead"):
    buffer = io.BytesIO()
    query = f"SELECT id, y, {', '.join(NAMES)} FROM {table}"
    with connection, connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({query}) TO STDOUT (FORMAT {form})", buffer)
    return buffer


def copy_back(connection, buffer, form):
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench.scored (id bigint, score float8)")
        cursor.copy_expert(
            f"COPY bench.scored FROM STDIN (FORMAT {form})", buffer)


def drop_scored(connection):
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench.scored")


def parse_binary(buffer, number=numpy.float64):
    rows = numpy.frombuffer(
        buffer.getbuffer()[len(HEADER):-len(END)], dtype=ROW)
    return (rows["id"].astype(numpy.int64), rows["y"].astype(bool),
            rows["x"]["value"].astype(number))


def format_binary(ids, scores):
    rows = numpy.empty(len(ids), dtype=SCORED)
    rows["columns"] = 2
    rows["id_size"] = rows["score_size"] = 8
    rows["id"] = ids
    rows["score"] = scores
    return io.BytesIO(HEADER + rows.tobytes() + END)


def store(connection, run, found, rows=None):
    """Results of a run: section, step, seconds."""
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench.result (section, step, run, seconds, rows)"
            " VALUES (%s, %s, %s, %s, %s)",
            [(section, step, run, seconds, rows)
             for section, step, seconds in found])


def store_versions(connection, versions):
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench.peer (item, value) VALUES (%s, %s)", versions)
