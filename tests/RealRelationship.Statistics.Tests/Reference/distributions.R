# Writes distributions.json: tails and quantiles of R, 17 digits. Run:  Rscript distributions.R > distributions.json
# R's noncentral t stops at 1e-12 absolute; its rows are therefore integrated here over the chi-square part instead.
# R's quantile searches (qt, qf) stop a few digits early; each gets one Newton step on the smaller tail. Close to the median not even that
# helps, so there is no row there (DistributionsTests pins values from mpmath instead).
number <- function(x) trimws(formatC(x, digits = 17, format = "g"))
rows <- list()
add <- function(f, value, ...) if (is.finite(value))
  rows[[length(rows) + 1]] <<- sprintf('["%s", [%s], %s]', f, paste(number(c(...)), collapse = ", "), number(value))

p <- c(1e-300, 1e-100, 1e-20, 1e-8, 1e-4, .005, .025, .05, .1, .2, .25, .3, .4, .49, .6, .75, .9, .975, .995, .9999, 1 - 1e-9)
dfs <- c(.5, 1, 2, 3, 4.7, 10, 15, 30, 99.5, 1000, 1e5, 1e8)

polish <- function(x, q, upper, lower, density) if (q <= .5) x + (upper(x) - q) / density(x) else x - (lower(x) - (1 - q)) / density(x)

for (x in c(-40, -8, -3, -1.96, -.5, -1e-6, 0, 1e-6, .3, .66, 1, 1.5, 2.326, 4, 4.999, 5.001, 8, 20, 37)) {
  add("normal.upper", pnorm(x, lower.tail = FALSE), x)
  add("normal.logUpper", pnorm(x, lower.tail = FALSE, log.p = TRUE), x)
}
add("normal.logUpper", pnorm(1e5, lower.tail = FALSE, log.p = TRUE), 1e5)
for (q in p) add("normal.upperQuantile", qnorm(q, lower.tail = FALSE), q)

for (df in dfs) {
  for (x in c(-30, -2, -.01, 0, 1e-5, .1, .7, 1, 2, 2.131449545559323, 5, 30, 1e4)) {
    if (pt(x, df, lower.tail = FALSE, log.p = TRUE) > -1e4) add("t.upper", pt(x, df, lower.tail = FALSE), x, df)
    add("t.logUpper", pt(x, df, lower.tail = FALSE, log.p = TRUE), x, df)
  }
  for (x in df * c(.001, .1, .5, .9, .99, 1, 1.01, 1.1, 1.5, 3, 20)) {
    add("chi2.upper", pchisq(x, df, lower.tail = FALSE), x, df)
    add("chi2.lower", pchisq(x, df), x, df)
    add("chi2.logUpper", pchisq(x, df, lower.tail = FALSE, log.p = TRUE), x, df)
  }
  for (q in p[p > 1e-21]) {
    add("t.upperQuantile", polish(qt(q, df, lower.tail = FALSE), q, \(x) pt(x, df, lower.tail = FALSE), \(x) pt(x, df), \(x) dt(x, df)), q, df)
    add("chi2.quantile", qchisq(q, df), q, df)
    add("chi2.upperQuantile", qchisq(q, df, lower.tail = FALSE), q, df)
  }
}
for (df1 in c(1, 2, 5, 40)) for (df2 in c(1, 2, 3.3, 11, 60, 1000)) {
  for (x in c(.01, .3, .9, 1, 1.1, 2, 4.5, 30, 500)) {
    add("f.upper", pf(x, df1, df2, lower.tail = FALSE), x, df1, df2)
    add("f.lower", pf(x, df1, df2), x, df1, df2)
  }
  for (q in c(1e-8, .001, .025, .05, .3, .5, .7, .95, .999)) {
    x <- qf(q, df1, df2, lower.tail = FALSE)
    add("f.upperQuantile", polish(x, q, \(x) pf(x, df1, df2, lower.tail = FALSE), \(x) pf(x, df1, df2), \(x) df(x, df1, df2)), q, df1, df2)
  }
}
noncentral <- function(x, df, delta) {
  g <- function(u) exp(dchisq(df * exp(u), df, log = TRUE) + log(df) + u + pnorm(x * exp(u / 2) - delta, lower.tail = FALSE, log.p = TRUE))
  s <- sqrt(2 / df); cuts <- unique(sort(c(-160 / df - 6, -80 / df - 1, -10 * s, seq(-6, 4, by = .5) * s, min(4, 10 * s))))
  sum(mapply(function(a, b) integrate(g, a, b, rel.tol = 1e-13, abs.tol = 0, subdivisions = 2000)$value, head(cuts, -1), tail(cuts, -1)))
}
for (df in c(1, 3, 8, 14, 40, 500)) for (delta in c(-2, 0, .5, 2.8, 6)) for (x in c(-3, 0, 1, 2.2, 7)) add("nct.upper", noncentral(x, df, delta), x, df, delta)
cat("[\n", paste(rows, collapse = ",\n"), "\n]\n", sep = "")
