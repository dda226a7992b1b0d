"""Boosted trees outside the database: copy out, XGBoost or scikit-learn.

The same trees as trees.sql asks for.  Every phase is timed apart and the
phases of a job are added up, so that one run serves several jobs.  One thread,
as a backend has: set OMP_NUM_THREADS=1; it is checked that nobody uses more.
"""

import math

import numpy
import psycopg2
import xgboost
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score
from sklearn.model_selection import StratifiedKFold

from peer_common import (
    RUNS, Clock, copy_back, copy_out, drop_scored, format_binary,
    parse_binary, store, store_versions)

TRAIN = "Trees: train"
TRAIN_FOLDS = "Trees: train, with quality and calibration"
SCORE = "Trees: score all rows, write the scores back"
SUM = "Trees: score all rows, sum the scores"
REASONS = "Trees: reasons for scores"

TREES = 100
DEPTH = 6
FOLDS = 5
HELD_ROWS = 200_000     # held-out rows that are enough
XGBOOST = {
    "objective": "binary:logistic", "tree_method": "hist",
    "max_depth": DEPTH, "learning_rate": 0.1, "reg_lambda": 1,
    "max_bin": 256, "min_child_weight": 1e-3, "nthread": 1,
}


def fit_xgboost(x, y):
    rows = xgboost.DMatrix(x, y, nthread=1)
    return xgboost.train(XGBOOST, rows, TREES)


def fit_histogram(x, y):
    return HistGradientBoostingClassifier(
        max_iter=TREES, max_depth=DEPTH, max_leaf_nodes=2 ** DEPTH,
        learning_rate=0.1, max_bins=255, min_samples_leaf=20,
        l2_regularization=1, early_stopping=False).fit(x, y)


def predict_xgboost(model, x):
    return model.inplace_predict(x)


def predict_histogram(model, x):
    return model.predict_proba(x)[:, 1]


PEERS = {
    "XGBoost hist": (fit_xgboost, predict_xgboost),
    "scikit-learn HistGradientBoosting": (fit_histogram, predict_histogram),
}


def held_out(x, y):
    """Quality and isotonic calibration from models of the other folds."""
    scores = numpy.full(len(y), numpy.nan)
    folds = min(FOLDS, math.ceil(HELD_ROWS * FOLDS / len(y)))
    parts = StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(x, y)
    for _, (train, test) in zip(range(folds), parts):
        model = fit_xgboost(x[train], y[train])
        scores[test] = predict_xgboost(model, x[test])
    known = ~numpy.isnan(scores)
    y, scores = y[known], scores[known]
    calibrated = IsotonicRegression(out_of_bounds="clip").fit_transform(
        scores, y)
    return (roc_auc_score(y, scores), log_loss(y, calibrated),
            brier_score_loss(y, calibrated))


def contributions(model, x):
    return model.predict(xgboost.DMatrix(x, nthread=1), pred_contribs=True)


def run_trees(connection, clock):
    """All phases; gives the models by name and the rows explained."""
    drop_scored(connection)
    buffer = clock.time("copy out", copy_out, connection, "binary")
    ids, y, x = clock.time("parse", parse_binary, buffer, numpy.float32)
    models = {}
    for name, (fit, predict) in PEERS.items():
        model = clock.time(name, fit, x, y)
        scores = clock.time(f"{name} predict", predict, model, x)
        models[name] = model
    clock.time("held out", held_out, x, y)
    buffer = clock.time("format", format_binary, ids, scores)
    clock.time("copy back", copy_back, connection, buffer, "binary")

    buffer = clock.time("copy out a few", copy_out, connection, "binary",
                        "bench.lead_few")
    few = clock.time("parse a few", parse_binary, buffer, numpy.float32)[2]
    clock.time("contributions", contributions, models["XGBoost hist"], few)
    return models, len(y), len(few)


def jobs(clock):
    """The jobs that the phases of one run make up, but for the reasons."""
    read = ("copy out", "parse")
    for name in PEERS:
        step = f"binary COPY, numpy, {name}"
        predict = (*read, f"{name} predict")
        yield TRAIN, step, clock.total(*read, name)
        yield SCORE, step, clock.total(*predict, "format", "copy back")
        yield SUM, step, clock.total(*predict)
    yield (TRAIN_FOLDS, "binary COPY, numpy, XGBoost hist",
           clock.total(*read, "XGBoost hist", "held out"))


def reasons(clock):
    yield (REASONS, "binary COPY, numpy, XGBoost pred_contribs",
           clock.total("copy out a few", "parse a few", "contributions"))


def check_one_thread(clock):
    for phase, seconds in clock.seconds.items():
        if clock.processor[phase] > 1.1 * seconds + 0.1:
            raise SystemExit(f"{phase} has used more than one thread")


def store_quality(connection, models):
    _, y, x = parse_binary(
        copy_out(connection, "binary", "bench.holdout"), numpy.float32)
    for name, (_, predict) in PEERS.items():
        auc = roc_auc_score(y, predict(models[name], x))
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO bench.quality (source, roc_auc) VALUES (%s, %s)",
                [name, float(auc)])


def main():
    connection = psycopg2.connect("")
    for run in range(1, RUNS + 1):
        clock = Clock()
        models, rows, few = run_trees(connection, clock)
        clock.print("trees")
        check_one_thread(clock)
        store(connection, run, jobs(clock), rows)
        store(connection, run, reasons(clock), few)
    store_quality(connection, models)
    store_versions(connection, [("XGBoost", xgboost.__version__)])


if __name__ == "__main__":
    main()
