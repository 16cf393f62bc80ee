# Writes dependence.json: effects made up here, in samples inside studies, and what metafor and dense matrices say of them, 17 digits.
# Run:  Rscript dependence.R > dependence.json
# V by metafor's vcalc (type, obs, rho of two values) and, of several kinds of pair, by the largest correlation of what a pair shares; REML by Fisher's scoring
# on dense matrices, held against rma.mv to 1e-5; composites by aggregate.escalc(V =); CR2 with degrees of freedom by the formulas of Pustejovsky
# and Tipton (2018) written out with k x k matrices, clusters being samples or studies, held against clubSandwich (0.5.8) to 1e-8.
suppressMessages(library(metafor))
source("robust.R")
set.seed(23005)
number <- function(x) paste(trimws(formatC(x, digits = 17, format = "g")), collapse = ", ")
out <- list()
add <- function(name, ...) out[[length(out) + 1]] <<- sprintf('  "%s": [%s]', name, number(c(...)))

samples <- c(2, 1, 3, 1, 2, 1, 1, 2, 3, 1, 1, 2, 2, 1)
study <- rep(seq_along(samples), samples)
size <- sample(1:4, length(study), replace = TRUE)
d <- data.frame(study = rep(study, size), sample = rep(seq_along(study), size), id = seq_len(sum(size)))
k <- nrow(d)
d$outcome <- sample(1:2, k, replace = TRUE)
d$rater <- sample(1:2, k, replace = TRUE)
d$n <- round(runif(k, 25, 160))
d$x <- round(rnorm(k) + rnorm(length(samples))[d$study], 2)
d$vi <- 1 / (d$n - 3)
d$yi <- round(.3 + .1 * d$x + rnorm(length(samples), sd = .15)[d$study] + rnorm(length(study), sd = .1)[d$sample] + rnorm(k, sd = sqrt(.01 + d$vi)), 4)
for (name in c("study", "sample", "outcome", "rater", "x", "vi", "yi")) add(name, d[[name]])

inside <- outer(d$sample, d$sample, "==")
pairs <- function(rho, kinds) {
  R <- rho * inside
  for (kind in kinds) {
    pair <- inside & outer(d[[kind$by]], d[[kind$by]], "==")
    R[pair] <- pmax(R[pair], kind$rho)
  }
  diag(R) <- 1
  R * sqrt(outer(d$vi, d$vi))
}
byOutcome <- pairs(.4, list(list(by = "outcome", rho = .8)))
metafors <- vcalc(vi, cluster = sample, type = outcome, obs = id, rho = c(.8, .4), data = d)
stopifnot(max(abs(byOutcome - metafors)) < 1e-15)
V <- list(single = pairs(.6, list()), outcome = byOutcome,
  both = pairs(.5, list(list(by = "outcome", rho = .7), list(by = "rater", rho = .6))), none = diag(d$vi))

B <- inside * 1
I <- diag(k)
reml <- function(V, X) {
  s <- c(.02, .02)
  for (i in 1:500) {
    M <- V + s[1] * B + s[2] * I
    W <- solve(M)
    C <- solve(t(X) %*% W %*% X)
    P <- W - W %*% X %*% C %*% t(X) %*% W
    Py <- P %*% d$yi
    PB <- P %*% B
    g <- c(t(Py) %*% B %*% Py - sum(diag(PB)), sum(Py^2) - sum(diag(P))) / 2
    H <- matrix(c(sum(PB * t(PB)), sum(PB * P), sum(PB * P), sum(P * P)), 2) / 2
    step <- if (all(s > 0)) solve(H, g) else c(g[1] / H[1, 1], 0)
    s <- s + step
    if (any(s < 0)) stop("a variance at its boundary: choose another seed")
    if (max(abs(step)) < 1e-15) break
  }
  list(s = s, M = V + s[1] * B + s[2] * I, C = C, W = W, beta = C %*% t(X) %*% W %*% d$yi)
}
designs <- list(mean = cbind(rep(1, k)), regression = cbind(1, d$x))
for (v in names(V)) for (design in names(designs)) {
  X <- designs[[design]]
  fit <- reml(V[[v]], X)
  check <- rma.mv(yi, V[[v]], mods = if (ncol(X) > 1) ~ x else ~ 1, random = ~ 1 | sample/id, data = d)
  stopifnot(max(abs(check$sigma2 - fit$s)) < 1e-5, max(abs(check$beta - fit$beta)) < 1e-5)
  R <- chol(fit$M)
  logLik <- -.5 * ((k - ncol(X)) * log(2 * pi) - log(det(t(X) %*% X)) + 2 * sum(log(diag(R))) - log(det(fit$C)) +
    sum(backsolve(R, d$yi - X %*% fit$beta, transpose = TRUE)^2))
  stopifnot(abs(logLik - as.numeric(logLik(check))) < 1e-6)
  name <- paste(v, design)
  add(name, fit$beta, fit$s, logLik, sqrt(diag(fit$C)))
  add(paste(name, "weights"), 100 * rowSums(fit$W) / sum(fit$W))
  held <- update(check, sigma2 = fit$s)
  for (type in c("CR0", "CR1", "CR2")) for (cluster in c("sample", "study")) {
    ours <- robust(fit, d$yi, X, d[[cluster]], type)
    theirs <- clubSandwich::coef_test(held, vcov = type, cluster = d[[cluster]], test = "Satterthwaite")
    stopifnot(max(abs(theirs$SE / ours[1, ] - 1)) < 1e-8, max(abs(theirs$df_Satt / ours[2, ] - 1)) < 1e-8)
    add(paste(name, type, cluster), ours)
  }
}
for (v in c("outcome", "both")) for (weighted in c(TRUE, FALSE)) {
  composites <- aggregate(escalc(measure = "ZCOR", yi = yi, vi = vi, data = d), cluster = d$sample, V = V[[v]], weighted = weighted)
  add(paste(v, if (weighted) "composites" else "means"), composites$yi, composites$vi)
}
cat("{\n", paste(unlist(out), collapse = ",\n"), "\n}\n", sep = "")
