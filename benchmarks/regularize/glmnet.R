# glmnet's path on a problem's folder: Rscript glmnet.R PROBLEM THRESH REPEATS PATIENCE FOLDS OUT
# With FOLDS above 0 it is its cross-validation.
suppressMessages({
  library(glmnet)
  library(jsonlite)
})

arguments <- commandArgs(trailingOnly = TRUE)
folder <- arguments[1]
thresh <- as.numeric(arguments[2])
repeats <- as.integer(arguments[3])
patience <- as.numeric(arguments[4])
folds <- as.integer(arguments[5])
out <- arguments[6]

# The numbers of a .npy file; its header says how many and of what kind.
read_npy <- function(name) {
  connection <- file(file.path(folder, paste0(name, ".npy")), "rb")
  on.exit(close(connection))
  readBin(connection, "raw", 8)
  header <- rawToChar(readBin(connection, "raw", readBin(connection, "integer", 1, size = 2, endian = "little")))
  kind <- sub(".*'descr': '<(..)'.*", "\\1", header)
  shape <- as.numeric(strsplit(gsub("[^0-9,]", "", sub(".*'shape': \\(([^)]*)\\).*", "\\1", header)), ",")[[1]])
  # R has doubles only.
  values <- readBin(connection, if (startsWith(kind, "f")) "numeric" else "integer", prod(shape), size = as.integer(substr(kind, 2, 2)))
  if (length(shape) == 2) matrix(values, shape[1], shape[2]) else values
}

# The resident set, now (VmRSS) or at its largest (VmHWM).
resident_bytes <- function(which) {
  status <- readLines("/proc/self/status")
  1024 * as.numeric(gsub("[^0-9]", "", status[startsWith(status, which)]))
}

begin <- proc.time()[["elapsed"]]
problem <- fromJSON(file.path(folder, "problem.json"))
y <- read_npy("y")
if (problem$family == "multinomial") y <- factor(y)
if (problem$storage == "sparse") {
  x <- sparseMatrix(i = read_npy("indices"), p = read_npy("indptr"), x = read_npy("data"), dims = c(problem$rows, problem$columns), index1 = FALSE)
} else {
  x <- read_npy("X")
}
load <- proc.time()[["elapsed"]] - begin
loaded <- resident_bytes("VmRSS")

begin <- proc.time()[["elapsed"]]
if (problem$storage == "categorical") {
  codes <- read_npy("codes")
  levels <- fromJSON(file.path(folder, "levels.json"))
  first <- ncol(x) + c(0, cumsum(levels)[-length(levels)])
  numeric <- which(x != 0, arr.ind = TRUE)
  x <- sparseMatrix(
    i = c(numeric[, 1], rep(seq_len(nrow(codes)), ncol(codes))),
    j = c(numeric[, 2], as.vector(sweep(codes, 2, first + 1, "+"))),
    x = c(x[numeric], rep(1, length(codes))),
    dims = c(problem$rows, problem$columns)
  )
}
convert <- proc.time()[["elapsed"]] - begin

# Or the path ends early: at 99.9 % of the deviance, or once it changes little.
glmnet.control(fdev = 0, devmax = 1)
run <- function() {
  if (folds > 0) {
    cv.glmnet(x, y, family = problem$family, lambda = problem$lambdas, standardize = FALSE, thresh = thresh, maxit = 1e8, nfolds = folds)
  } else {
    glmnet(x, y, family = problem$family, lambda = problem$lambdas, standardize = FALSE, thresh = thresh, maxit = 1e8)
  }
}
cold <- system.time(fit <- run())[["elapsed"]]
seconds <- c()
if (repeats > 1 && cold <= patience) {
  for (turn in seq_len(repeats)) seconds <- c(seconds, system.time(fit <- run())[["elapsed"]])
}
if (length(seconds) == 0) seconds <- cold
peak <- resident_bytes("VmHWM")

result <- list(
  seconds = I(seconds), cold_seconds = cold, load_seconds = load, convert_seconds = convert, loaded_bytes = loaded, peak_bytes = peak,
  solver = paste("glmnet", packageVersion("glmnet"))
)
if (folds > 0) {
  result$best <- which.min(abs(log(problem$lambdas / fit$lambda.min))) - 1
} else {
  # Features within classes within lambdas.
  coefficients <- if (problem$family == "multinomial") {
    lapply(seq_along(fit$lambda), function(l) sapply(fit$beta, function(b) as.numeric(b[, l])))
  } else {
    as.matrix(fit$beta)
  }
  writeBin(as.numeric(unlist(coefficients)), file.path(out, "coefficients.bin"))
  writeBin(as.numeric(fit$a0), file.path(out, "intercepts.bin"))
}
write(toJSON(result, auto_unbox = TRUE, digits = NA), file.path(out, "result.json"))
