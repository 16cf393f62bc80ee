# Times what metafor takes for one task on the effects of a CSV file (yi, vi, sample), and prints the median in milliseconds.
# usage: Rscript metafor.R TASK FILE REPETITIONS, or Rscript metafor.R versions
# A task of several repetitions is run once before they are timed.
suppressMessages(library(metafor))
args <- commandArgs(TRUE)
if (args[1] == "versions") {
  cat(R.version.string, "; metafor ", format(packageVersion("metafor")), "; BLAS ", extSoftVersion()["BLAS"], sep = "")
  quit()
}
d <- read.csv(args[2]); d$id <- seq_len(nrow(d)); repetitions <- as.integer(args[3])
tasks <- list(
  reml = function() { f <- rma(yi, vi, data = d, test = "adhoc"); confint(f); predict(f) },
  leaveOneOut = function() leave1out(rma(yi, vi, data = d)),
  influence = function() influence(rma(yi, vi, data = d)),
  trimAndFill = function() trimfill(rma(yi, vi, data = d)),
  selection = function() selmodel(rma(yi, vi, data = d, method = "ML"), type = "stepfun", steps = 0.025),
  permutation = function() permutest(rma(yi, vi, mods = ~ sqrt(vi), data = d), iter = 1000, progbar = FALSE),
  threeLevel = function() rma.mv(yi, vi, random = ~ 1 | sample / id, data = d, sparse = nrow(d) > 150),
  correlatedHierarchical = function() {
    V <- vcalc(vi, cluster = sample, obs = id, rho = 0.6, data = d)
    rma.mv(yi, V, random = ~ 1 | sample / id, data = d, sparse = nrow(d) > 150)
  })
task <- tasks[[args[1]]]
if (repetitions > 1) invisible(task())
times <- replicate(repetitions, system.time(task())[["elapsed"]])
cat(1000 * median(times), "\n")
