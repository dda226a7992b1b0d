# Forecasts by R's package forecast, timed.
#
#   Rscript test/bench/forecast_peer.R method origin block <values.csv | psql
#
# values.csv: series, season, horizon, value, in order.  Prints SQL that enters
# the forecasts and the seconds of fitting and forecasting; starting R, loading
# the package and reading are not counted.  Without arguments: the versions.
suppressPackageStartupMessages(library(forecast))

quote <- function(text) paste0("'", text, "'")
arguments <- commandArgs(TRUE)
if (length(arguments) == 0) {
    cat(sprintf("INSERT INTO bench.peer (item, value) VALUES ('%s', '%s');\n",
                c("R", "forecast"), c(format(getRversion()), format(packageVersion("forecast")))), sep = "")
    quit()
}
method <- arguments[1]
rows <- read.csv(file("stdin"), colClasses = c(series = "character"))
if (nrow(rows) == 0)
    quit()
horizon <- rows$horizon[1]
past <- lapply(split(rows$value, factor(rows$series, unique(rows$series))),
               ts, frequency = rows$season[1])

# The benchmark of the M4 competition: naive, on the seasonally adjusted series
# where the autocorrelation at the season is significant at 90%.
naive2 <- function(y, h) {
    m <- frequency(y)
    n <- length(y)
    if (m > 1 && n >= 3 * m) {
        r <- acf(y, lag.max = m, plot = FALSE)$acf[-1]
        limit <- 1.645 * sqrt((1 + 2 * sum(r[-m]^2)) / n)
        if (isTRUE(abs(r[m]) > limit)) {
            season <- decompose(y, type = "multiplicative")$seasonal
            ahead <- rep(tail(as.numeric(season), m), length.out = h)
            return(list(mean = as.numeric(y[n] / season[n]) * ahead))
        }
    }
    naive(y, h)
}

answer <- switch(method,
    naive2 = naive2,
    thetaf = thetaf,
    ets = function(y, h) forecast(ets(y), h),
    auto.arima = function(y, h) forecast(auto.arima(y), h))

invisible(answer(past[[1]], horizon))   # loads what is loaded on demand
taken <- system.time(found <- lapply(past, answer, horizon))

entrant <- paste(method, "in R")
cat("INSERT INTO bench.entry (origin, entrant, block, series, seconds, processor) VALUES (",
    paste(quote(arguments[2]), quote(entrant), arguments[3], length(past),
          taken[["elapsed"]], taken[["user.self"]] + taken[["sys.self"]], sep = ", "),
    ");\nCOPY bench.forecast (origin, entrant, series, step, mean) FROM STDIN (FORMAT csv);\n", sep = "")
write.table(data.frame(arguments[2], entrant, rep(names(past), each = horizon),
                       rep(seq_len(horizon), length(past)),
                       unlist(lapply(found, function(f) as.numeric(f$mean)))),
            sep = ",", row.names = FALSE, col.names = FALSE)
cat("\\.\n")
