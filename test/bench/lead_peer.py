"""Logistic models outside the database: copy out, scikit-learn, copy back.

Every phase is timed apart and the phases of a job are added up, so that one
run serves several jobs.
"""

import io
import warnings

import numpy
import pandas
import psycopg2
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_info

from peer_common import (
    NAMES, RUNS, Clock, copy_back, copy_out, drop_scored, format_binary,
    parse_binary, store, store_versions)

TRAIN = "Train"
TRAIN_FOLDS = "Train, with quality and calibration from 5 folds"
SCORE = "Score all rows with a stored model, write the scores back"
ALL = "Train, score all rows, write the scores back"


def logistic(**options):
    # the name of "no penalty" changed in version 1.2
    version = tuple(map(int, sklearn.__version__.split(".")[:2]))
    penalty = None if version >= (1, 2) else "none"
    return LogisticRegression(penalty=penalty, **options)


def lbfgs():
    return logistic(solver="lbfgs", max_iter=1000)


MODELS = {
    "lbfgs": lbfgs,
    "newton-cholesky": lambda: logistic(solver="newton-cholesky", tol=1e-8),
    # what columns with gaps and of unlike scales need
    "impute, scale, lbfgs": lambda: make_pipeline(
        SimpleImputer(add_indicator=True), StandardScaler(), lbfgs()),
    # a map from out-of-fold scores, then a model of all rows
    "calibrated": lambda: CalibratedClassifierCV(
        lbfgs(), method="isotonic", cv=5, ensemble=False),
}
PLAIN = [name for name in MODELS if name != "calibrated"]


def parse_csv(buffer):
    buffer.seek(0)
    frame = pandas.read_csv(buffer, names=["id", "y"] + NAMES,
                            true_values=["t"], false_values=["f"])
    return frame["id"], frame["y"], frame[NAMES]


def format_csv(ids, scores):
    buffer = io.StringIO()
    pandas.DataFrame({"id": ids, "score": scores}).to_csv(
        buffer, header=False, index=False)
    buffer.seek(0)
    return buffer


def fit(name, x, y):
    return MODELS[name]().fit(x, y)


def predict(model, x):
    return model.predict_proba(x)[:, 1]


def run_binary(connection, clock):
    """All phases by binary COPY and numpy; gives the models by name."""
    drop_scored(connection)
    buffer = clock.time("copy out", copy_out, connection, "binary")
    ids, y, x = clock.time("parse", parse_binary, buffer)
    models = {name: clock.time(name, fit, name, x, y) for name in MODELS}
    scores = clock.time("predict", predict, models["lbfgs"], x)
    buffer = clock.time("format", format_binary, ids, scores)
    clock.time("copy back", copy_back, connection, buffer, "binary")
    return models


def run_csv(connection, clock):
    drop_scored(connection)
    buffer = clock.time("copy out", copy_out, connection, "csv")
    ids, y, x = clock.time("parse", parse_csv, buffer)
    model = clock.time("lbfgs", fit, "lbfgs", x, y)
    scores = clock.time("predict", predict, model, x)
    buffer = clock.time("format", format_csv, ids, scores)
    clock.time("copy back", copy_back, connection, buffer, "csv")


def jobs(clock, how, plain):
    """The jobs that the phases of one run make up."""
    read = ("copy out", "parse")
    write = ("predict", "format", "copy back")
    for name in plain:
        step = f"{how}, scikit-learn {name}"
        yield TRAIN, step, clock.total(*read, name)
        yield ALL, step, clock.total(*read, name, *write)
    if "calibrated" in clock.seconds:
        yield (TRAIN_FOLDS, f"{how}, scikit-learn CalibratedClassifierCV",
               clock.total(*read, "calibrated"))
    yield SCORE, f"{how}, scikit-learn", clock.total(*read, *write)


def store_coefficients(connection, name, model):
    values = zip(["intercept"] + NAMES,
                 [model.intercept_[0], *model.coef_[0]])
    with connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO bench.coefficient VALUES (%s, %s, %s)",
            [(f"scikit-learn {name}", column, float(value))
             for column, value in values])


def versions():
    blas = next(library for library in threadpool_info()
                if library["user_api"] == "blas")
    return [
        ("scikit-learn", sklearn.__version__),
        ("numpy", numpy.__version__),
        ("pandas", pandas.__version__),
        ("BLAS of numpy", f"{blas['internal_api']} {blas['version']}, "
         f"{blas['architecture']}, {blas['num_threads']} thread(s)"),
    ]


def main():
    # a frame has column names, an array has none: no matter here
    warnings.filterwarnings("ignore", category=UserWarning)
    connection = psycopg2.connect("")
    for run in range(1, RUNS + 1):
        clock = Clock()
        models = run_binary(connection, clock)
        clock.print("binary")
        store(connection, run, jobs(clock, "binary COPY, numpy", PLAIN))
        clock = Clock()
        run_csv(connection, clock)
        clock.print("csv")
        store(connection, run, jobs(clock, "CSV COPY, pandas", ["lbfgs"]))
    for name in ("lbfgs", "newton-cholesky"):
        store_coefficients(connection, name, models[name])
    store_versions(connection, versions())


if __name__ == "__main__":
    main()
