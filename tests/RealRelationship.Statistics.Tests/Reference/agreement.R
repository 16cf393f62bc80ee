# Writes agreement.json: Cohen's kappa and intraclass correlations by psych, 17 digits, and a one-way analysis of variance of unequal rows by aov.
# Run:  Rscript agreement.R > agreement.json
suppressMessages(library(psych))
number <- function(x) paste(trimws(formatC(x, digits = 17, format = "g")), collapse = ", ")
out <- list()
add <- function(name, ...) out[[length(out) + 1]] <<- sprintf('  "%s": [%s]', name, number(c(...)))

# Pairs of categories; the interval before any cut, from psych's standard error.
kappa <- function(name, x, y) {
  k <- suppressWarnings(cohen.kappa(cbind(x, y)))
  se <- sqrt(k$var.kappa)
  add(paste0(name, ".first"), x); add(paste0(name, ".second"), y)
  add(paste0(name, ".kappa"), k$kappa, max(-1, k$kappa - qnorm(.975) * se), min(1, k$kappa + qnorm(.975) * se), k$var.kappa)
}
pairs <- function(counts) { i <- rep(seq_along(counts), counts); list(x = row(counts)[i], y = col(counts)[i]) }
# Fleiss, Cohen and Everitt (1969): 200 patients, two clinicians; they print var(kappa) = .002885.
p <- pairs(matrix(c(.53, .05, .02, .11, .14, .05, .01, .06, .03) * 200, 3, byrow = TRUE)); kappa("fleiss1969", p$x, p$y)
p <- pairs(matrix(c(20, 5, 10, 15), 2, byrow = TRUE)); kappa("twoByTwo", p$x, p$y)
p <- pairs(matrix(c(0, 7, 6, 1), 2, byrow = TRUE)); kappa("opposed", p$x, p$y)
set.seed(20180711)
x <- sample(1:4, 40, TRUE, c(.5, .3, .15, .05)); y <- ifelse(runif(40) < .8, x, sample(1:4, 40, TRUE)); kappa("fourCategories", x, y)
kappa("oneCoderConstant", rep(1, 12), c(rep(1, 9), 2, 2, 3))

icc <- function(name, m) {
  r <- suppressWarnings(suppressMessages(ICC(m, lmer = FALSE)$results))
  add(paste0(name, ".ratings"), t(m)); add(paste0(name, ".raters"), ncol(m))
  add(paste0(name, ".oneWay"), r["Single_raters_absolute", "ICC"], r["Single_raters_absolute", "lower bound"], r["Single_raters_absolute", "upper bound"])
  add(paste0(name, ".agreement"), r["Single_random_raters", "ICC"], r["Single_random_raters", "lower bound"], r["Single_random_raters", "upper bound"])
}
# Shrout and Fleiss (1979), Table 2: six targets, four judges.
icc("shrout1979", matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, byrow = TRUE))
z <- round(rnorm(12, .4, .25), 3)
icc("twoCoders", cbind(z, z + round(rnorm(12, 0, .05), 3)))
icc("shifted", cbind(z, z + .1 + round(rnorm(12, 0, .02), 3)))
icc("unrelated", cbind(z, round(rnorm(12, .4, .25), 3)))

# Rows of 2, 3, 2, ... ratings; the coefficient with n0 and its interval as written in the paper.
k <- c(2, 3, 2, 2, 4, 2, 3); g <- factor(rep(seq_along(k), k)); v <- round(rep(z[seq_along(k)], k) + rnorm(sum(k), 0, .08), 3)
ms <- summary(aov(v ~ g))[[1]][["Mean Sq"]]; n <- length(k); N <- sum(k); n0 <- (N - sum(k^2) / N) / (n - 1); f <- ms[1] / ms[2]
bounds <- c(f / qf(.975, n - 1, N - n), f * qf(.975, N - n, n - 1))
add("unequal.ratings", v); add("unequal.counts", k); add("unequal.oneWay", (f - 1) / (f + n0 - 1), (bounds - 1) / (bounds + n0 - 1))
cat("{\n", paste(out, collapse = ",\n"), "\n}\n", sep = "")
