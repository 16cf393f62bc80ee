# Writes fourLevel.json: the four-level model rma.mv(yi, V, random = ~ 1 | study/sample/effect) of three data sets, 17 digits.
# Run:  Rscript fourLevel.R > fourLevel.json
# REML by Newton's steps on dense matrices, held against rma.mv to 1e-5; profile-likelihood intervals by the same, held against confint to 1e-3; CR0, CR1
# and CR2 by study with degrees of freedom by the formulas of Pustejovsky and Tipton (2018), held against clubSandwich, where it is installed, to 1e-4.
# Data sets: schools of districts (Konstantopoulos 2011), three districts at a time taken as one study; made up, with several samples a study; made up, with
# one sample a study but for one, and a variance at its boundary.
suppressPackageStartupMessages(library(metafor))
source("robust.R")
set.seed(24001)
number <- function(x) paste(trimws(formatC(x, digits = 17, format = "g")), collapse = ", ")
out <- list()
add <- function(name, ...) out[[length(out) + 1]] <<- sprintf('  "%s": [%s]', name, number(c(...)))
has_club <- requireNamespace("clubSandwich", quietly = TRUE)

schools <- dat.konstantopoulos2011
schools <- data.frame(study = (match(schools$district, unique(schools$district)) - 1) %/% 3 + 1, sample = match(schools$district, unique(schools$district)),
  yi = as.numeric(schools$yi), vi = as.numeric(schools$vi), x = schools$year - 1990)
made <- local({
  samples <- c(2, 1, 3, 1, 2, 4, 1, 2, 3, 1, 2, 2, 1, 3)
  study <- rep(seq_along(samples), samples)
  size <- sample(1:4, length(study), replace = TRUE)
  d <- data.frame(study = rep(study, size), sample = rep(seq_along(study), size))
  k <- nrow(d)
  d$vi <- 1 / (round(runif(k, 25, 160)) - 3)
  d$x <- round(rnorm(k) + rnorm(length(samples))[d$study], 2)
  d$yi <- round(.3 + .1 * d$x + rnorm(length(samples), sd = .2)[d$study] + rnorm(length(study), sd = .15)[d$sample] + rnorm(k, sd = sqrt(.01 + d$vi)), 4)
  d
})
boundary <- local({
  study <- c(1, 1, 2:9)
  size <- c(2, 3, 1, 2, 2, 1, 3, 2, 1, 2)
  d <- data.frame(study = rep(study, size), sample = rep(seq_along(study), size))
  k <- nrow(d)
  d$vi <- rep(c(.01, .02, .015), length.out = k)
  d$x <- round(rnorm(k), 2)
  d$yi <- round(.2 + rnorm(k, sd = sqrt(d$vi + .03)), 4)
  d
})
sets <- list(schools = list(d = schools, rho = 0), made = list(d = made, rho = .6), boundary = list(d = boundary, rho = .4))

for (name in names(sets)) {
  d <- sets[[name]]$d
  k <- nrow(d)
  d$id <- seq_len(k)
  for (column in c("study", "sample", "x", "vi", "yi")) add(paste(name, column), d[[column]])
  add(paste(name, "rho"), sets[[name]]$rho)
  inside <- outer(d$sample, d$sample, "==")
  V <- sets[[name]]$rho * inside * sqrt(outer(d$vi, d$vi))
  diag(V) <- d$vi
  parts <- list(outer(d$study, d$study, "==") * 1, inside * 1, diag(k))
  cov <- function(s) V + Reduce(`+`, Map(`*`, s, parts))
  at <- function(s, X) {
    W <- solve(cov(s))
    C <- solve(t(X) %*% W %*% X)
    P <- W - W %*% X %*% C %*% t(X) %*% W
    R <- chol(cov(s))
    beta <- C %*% t(X) %*% W %*% d$yi
    logLik <- -.5 * ((k - ncol(X)) * log(2 * pi) - log(det(t(X) %*% X)) + 2 * sum(log(diag(R))) - log(det(C)) +
      sum(backsolve(R, d$yi - X %*% beta, transpose = TRUE)^2))
    Py <- P %*% d$yi
    PV <- lapply(parts, function(part) P %*% part)
    g <- sapply(seq_along(parts), function(i) sum(Py * (parts[[i]] %*% Py)) - sum(diag(PV[[i]]))) / 2
    tr <- sapply(PV, function(a) sapply(PV, function(b) sum(a * t(b)))) / 2
    VPy <- sapply(parts, function(part) part %*% Py)
    quad <- t(VPy) %*% P %*% VPy
    list(s = s, W = W, C = C, P = P, beta = beta, logLik = logLik, g = g, I = tr, H = tr - quad, M = cov(s))
  }
  # Newton's steps (Fisher's where they lead down), variances of which the likelihood falls held at 0, those of hold where they are.
  reml <- function(X, s = rep(.02, 3), hold = integer(0)) {
    fit <- at(s, X)
    for (i in 1:200) {
      free <- setdiff(which(s > 0 | fit$g > 0), hold)
      if (length(free) == 0) break
      H <- -fit$H[free, free, drop = FALSE]
      if (min(eigen((H + t(H)) / 2)$values) <= 0) H <- fit$I[free, free, drop = FALSE]
      step <- rep(0, 3)
      step[free] <- solve(H, fit$g[free])
      t <- 1
      repeat {
        new <- at(pmax(0, s + t * step), X)
        if (new$logLik >= fit$logLik - 1e-11 || t < 1e-10) break
        t <- t / 2
      }
      moved <- max(abs(new$s - s))
      s <- new$s
      fit <- new
      if (moved < 1e-14) break
    }
    fit
  }
  profile <- function(X, fit, i) {
    excess <- function(value) {
      s <- fit$s
      s[i] <- value
      2 * (fit$logLik - reml(X, s, hold = i)$logLik) - qchisq(.95, 1)
    }
    lower <- if (fit$s[i] == 0 || excess(0) <= 0) 0 else uniroot(excess, c(0, fit$s[i]), tol = 1e-14)$root
    upper <- fit$s[i] + .01
    while (excess(upper) < 0) upper <- 2 * upper
    c(lower, uniroot(excess, c(fit$s[i], upper), tol = 1e-14)$root)
  }
  designs <- list(mean = cbind(rep(1, k)), regression = cbind(1, d$x))
  for (design in names(designs)) {
    X <- designs[[design]]
    fit <- reml(X)
    check <- rma.mv(yi, V, mods = if (ncol(X) > 1) ~ x else ~ 1, random = ~ 1 | study/sample/id, data = d)
    stopifnot(max(abs(check$sigma2 - fit$s)) < 1e-5, max(abs(check$beta - fit$beta)) < 1e-5, abs(fit$logLik - as.numeric(logLik(check))) < 1e-6)
    label <- paste(name, design)
    add(label, fit$beta, fit$s, fit$logLik, sqrt(diag(fit$C)))
    add(paste(label, "weights"), 100 * rowSums(fit$W) / sum(fit$W))
    for (type in c("CR0", "CR1", "CR2")) {
      answer <- robust(fit, d$yi, X, d$study, type)
      add(paste(label, type), answer)
      if (has_club) {
        club <- clubSandwich::coef_test(check, vcov = type, cluster = d$study, test = "Satterthwaite")
        stopifnot(max(abs(club$SE - answer[1, ])) < 1e-4, max(abs(club$df - answer[2, ])) < 1e-2)
      }
    }
    intervals <- sapply(1:3, function(i) profile(X, fit, i))
    add(paste(label, "intervals"), intervals)
    if (design == "mean") {
      for (i in 1:3) stopifnot(max(abs(confint(check, sigma2 = i)$random[1, 2:3] - intervals[, i])) < 1e-3)
      P <- at(c(0, 0, 0), X)$P
      typical <- (k - 1) / sum(diag(P))
      add(paste(label, "I2"), 100 * fit$s / (sum(fit$s) + typical))
      add(paste(label, "Q"), check$QE)
    }
  }
}
cat("{\n", paste(unlist(out), collapse = ",\n"), "\n}\n", sep = "")
