# Recomputes the reference files from the data they hold, with metafor and, where it is installed, clubSandwich.
# usage: Rscript regenerate.R [--check] [FILE…]     (every data set beside this script unless files are named)
# --check writes nothing: it counts, family by family, the numbers that agree with the committed ones.
# What the installed versions cannot compute is said, and stays as it was; a file written then names it under source.kept.
suppressPackageStartupMessages({ library(metafor); library(jsonlite) })

TOLERANCE <- 1e-6 # relative to the committed number, or to FLOOR where that is larger: what "agrees" means to --check
FLOOR <- 1e-3
QUICK <- list(threshold = 1e-14, tol = 1e-14, maxiter = 10000) # Fisher scoring and uniroot

# A fit at the tightest tolerance that nlminb does not call "false convergence".
tightest <- function(fit) {
  for (tolerance in c(1e-14, 1e-12, 1e-11, 1e-10, 1e-9)) {
    control <- list(optimizer = "nlminb", rel.tol = tolerance, x.tol = tolerance, eval.max = 5000, iter.max = 5000)
    answer <- tryCatch(suppressWarnings(fit(control)), error = identity)
    if (!inherits(answer, "error")) return(answer)
  }
  stop(answer)
}
CLUB <- requireNamespace("clubSandwich", quietly = TRUE)

numbers <- function(x) if (is.null(x)) NULL else sapply(x, function(e) if (is.null(e)) NA else e)
missing_club <- function() if (!CLUB) stop("clubSandwich is not installed")
one <- function(x) if (length(x) == 0) NA else unname(x)

uni <- function(yi, vi, method = "REML", test = "z", xx = NULL) {
  if (is.null(xx)) return(suppressWarnings(rma(yi, vi, method = method, test = test, control = QUICK)))
  suppressWarnings(rma(yi, vi, mods = ~ xx, data = data.frame(yi, vi, xx), method = method, test = test, control = QUICK)) # of EE with Knapp-Hartung
}

# The record of a fit: mean or coefficients, heterogeneity, prediction, omnibus test. Its reader takes what the file names.
described <- function(fit) {
  p <- if (fit$int.only) predict(fit) else list()
  list(beta = c(fit$beta), se = fit$se, stat = fit$zval, df = if (fit$test == "z") NA else fit$k - fit$p, p = fit$pval,
       ciLower = fit$ci.lb, ciUpper = fit$ci.ub,
       tau2 = fit$tau2, tau2Se = if (fit$method == "EE") NA else fit$se.tau2, i2 = fit$I2, h2 = fit$H2, q = fit$QE, qP = fit$QEp, k = fit$k, p_ = fit$p,
       piLower = if (fit$method == "EE") NA else one(p$pi.lb), piUpper = if (fit$method == "EE") NA else one(p$pi.ub),
       logLik = c(logLik(fit)), qm = fit$QM, qmDf = c(fit$p - 1, if (fit$test == "z") NA else fit$k - fit$p), qmP = fit$QMp, r2 = one(fit$R2),
       names = rownames(fit$beta))
}

estimator <- function(key) { parts <- strsplit(key, "/")[[1]]; list(method = parts[1], test = if (length(parts) > 1) parts[2] else "z") }

random <- function(d, key) {
  o <- estimator(key)
  if (o$method == "DLIT" && packageVersion("metafor") < "5.1") stop("DLIT is another iteration in this version")
  described(uni(d$yi, d$vi, o$method, o$test))
}

q_profile <- function(d, key) {
  interval <- confint(uni(d$yi, d$vi, key), control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1e4))$random
  setNames(lapply(1:4, function(i) unname(interval[i, ])), c("tau2", "tau", "i2", "h2"))
}

# Before 5.1 DLIT goes to another fixed point (see README.md): DL is iterated here, as the generalised Q estimator with weights at the tau2 it gave.
# Of a given tau2 metafor says neither its standard error nor R2.
iterated <- function(yi, vi, test, xx) {
  tau2 <- 0
  for (i in 1:10000) {
    new <- suppressWarnings(rma(yi, vi, mods = ~ xx, data = data.frame(yi, vi, xx), method = "GENQ", weights = 1 / (vi + tau2)))$tau2
    if (abs(new - tau2) <= 1e-13 * new) break
    tau2 <- new
  }
  described(rma(yi, vi, mods = ~ xx, data = data.frame(yi, vi, xx), tau2 = new, test = test))
}
regressed <- function(d, mod, key) {
  xx <- numbers(d$mods[[mod]]); rows <- !is.na(xx); o <- estimator(key)
  if (o$method == "DLIT" && packageVersion("metafor") < "5.1") return(iterated(d$yi[rows], d$vi[rows], o$test, xx[rows]))
  described(uni(d$yi[rows], d$vi[rows], o$method, o$test, xx[rows]))
}

subgroup <- function(d, mod, level) {
  rows <- which(numbers(d$mods[[mod]]) == level); described(uni(d$yi[rows], d$vi[rows], test = "knha"))
}

# Small-study effects and selection -----------------------------------------------------------------------------------------------------

small_study <- function(r) list(stat = unname(r$zval), df = if (is.null(r$dfs) && is.null(r$ddf)) NA else one(c(r$ddf, r$dfs)[1]), p = unname(r$pval),
                                limit = one(r$est), limitLower = one(r$ci.lb), limitUpper = one(r$ci.ub))
trim_fill <- function(d, key) {
  o <- strsplit(key, "/")[[1]]; f <- trimfill(uni(d$yi, d$vi, o[2]), estimator = o[1], control = QUICK)
  list(k0 = f$k0, side = f$side, beta = c(f$beta), se = f$se, tau2 = f$tau2, ciLower = f$ci.lb, ciUpper = f$ci.ub, k = f$k)
}
fail_safe <- function(d, key) { # Orwin's as newer versions have it: n from the weighted mean, its target half the unweighted one
  f <- if (key == "Orwin" && "weighted" %in% names(formals(fsn))) fsn(d$yi, d$vi, type = key, weighted = TRUE, target = mean(d$yi) / 2)
       else fsn(d$yi, d$vi, type = key)
  list(n = f$fsnum, p = one(f$pval), target = one(f$target))
}
selected <- function(d, key) { # without numDeriv there is no Hessian, and so no standard error
  hessian <- requireNamespace("numDeriv", quietly = TRUE)
  arguments <- list(uni(d$yi, d$vi, "ML"), type = "stepfun", steps = as.numeric(strsplit(key, ",")[[1]]), alternative = "greater")
  s <- tightest(function(control) do.call(selmodel, c(arguments, list(control = control), if (!hessian) list(skiphes = TRUE))))
  c(if (hessian) list(se = s$se), list(beta = c(s$beta), tau2 = s$tau2, delta = c(s$delta), lrt = s$LRT, lrtP = s$LRTp, logLik = c(logLik(s))))
}
bias <- list(
  eggerLm = function(d) small_study(regtest(d$yi, d$vi, model = "lm")),
  eggerRma = function(d) small_study(regtest(uni(d$yi, d$vi))),
  peeseLm = function(d) small_study(regtest(d$yi, d$vi, model = "lm", predictor = "vi")),
  eggerSqrtNinv = function(d) small_study(regtest(d$yi, d$vi, ni = d$ni, model = "lm", predictor = "sqrtninv")),
  rank = function(d) { r <- suppressWarnings(ranktest(d$yi, d$vi, exact = FALSE)); list(tau = unname(r$tau), p = unname(r$pval)) },
  henmiCopas = function(d) { h <- hc(uni(d$yi, d$vi, "DL")); list(beta = c(h$beta), se = h$se, ciLower = h$ci.lb, ciUpper = h$ci.ub, tau2 = h$tau2) },
  excessSignificance = function(d) { t <- tes(d$yi, d$vi); list(observed = t$O, expected = t$E, p = t$pval) })

# Sensitivity ---------------------------------------------------------------------------------------------------------------------------

sensitivity <- list(
  leaveOneOut = function(d) with(leave1out(uni(d$yi, d$vi)), list(beta = estimate, se = se, ciLower = ci.lb, ciUpper = ci.ub, q = Q, tau2 = tau2, i2 = I2)),
  influence = function(d) { f <- influence(uni(d$yi, d$vi)); c(lapply(unclass(f$inf), c), list(dfbeta = c(f$dfbs[[1]]), influential = unname(f$is.infl))) },
  cumulative = function(d) with(cumul(uni(d$yi, d$vi)), list(beta = estimate, se = se, tau2 = tau2)),
  blup = function(d) with(blup(uni(d$yi, d$vi)), list(pred = pred, se = se, piLower = pi.lb, piUpper = pi.ub)))

# Dependent effects ---------------------------------------------------------------------------------------------------------------------

nested <- function(d, V = d$vi, method = "REML", test = "z", xx = NULL) {
  e <- data.frame(yi = d$yi, cluster = d$cluster, id = seq_along(d$yi))
  if (!is.null(xx)) { e$xx <- xx; V <- V[!is.na(xx)]; e <- e[!is.na(xx), ] }
  mods <- if (is.null(xx)) ~ 1 else ~ xx
  tightest(function(control) rma.mv(yi, V, mods = mods, random = ~ 1 | cluster / id, data = e, method = method, test = test, control = control))
}
nested_record <- function(d, fit) list( # clusters: of the data set, whatever rows a moderator drops
  beta = c(fit$beta), se = fit$se, stat = fit$zval, p = fit$pval, ciLower = fit$ci.lb, ciUpper = fit$ci.ub, sigma2 = fit$sigma2, q = fit$QE, qP = fit$QEp,
  logLik = c(logLik(fit)), clusters = length(unique(d$cluster)), k = fit$k, names = rownames(fit$beta), qm = fit$QM, qmP = fit$QMp)
club <- function(fit, type) {
  missing_club()
  r <- clubSandwich::coef_test(fit, vcov = type, test = "Satterthwaite")
  list(beta = r$beta, se = r$SE, stat = r$tstat, df = r$df_Satt, p = r$p_Satt)
}
hotelling <- function(fit) {
  missing_club()
  w <- clubSandwich::Wald_test(fit, constraints = clubSandwich::constrain_zero(2:fit$p), vcov = "CR2", test = "HTZ")
  list(f = w$Fstat, dfNum = w$df_num, dfDen = w$df_denom, p = w$p_val)
}
rho <- function(key) as.numeric(sub("rho", "", key))
constant_rho <- function(d, r) { V <- r * sqrt(outer(d$vi, d$vi)) * outer(d$cluster, d$cluster, "=="); diag(V) <- d$vi; V }
aggregated <- function(d, r) {
  e <- escalc(measure = "GEN", yi = d$yi, vi = d$vi, data = data.frame(cluster = factor(d$cluster, unique(d$cluster))))
  a <- aggregate(e, cluster = cluster, rho = r)
  list(yi = as.numeric(a$yi), vi = a$vi)
}

# Mathur and VanderWeele 2020: a weighted mean, nonaffirmative effects times eta, CR2 with the covariance tau2 + mean v of the sample.
weighted_mean <- function(y, v, cluster, w, tau2) {
  missing_club()
  fit <- lm(y ~ 1, weights = w)
  vcov <- clubSandwich::vcovCR(fit, cluster = cluster, type = "CR2", target = ave(v, cluster) + tau2, inverse_var = FALSE)
  r <- clubSandwich::coef_test(fit, vcov = vcov, test = "Satterthwaite")
  df <- if (is.null(r$df)) r$df_Satt else r$df
  list(beta = r$beta, se = r$SE, df = df, ciLower = r$beta - qt(0.975, df) * r$SE, ciUpper = r$beta + qt(0.975, df) * r$SE)
}
selection_sensitivity <- function(d, key) {
  o <- strsplit(key, "/")[[1]]; eta <- as.numeric(o[2]); sign <- if (o[1] == "less") -1 else 1
  tau2 <- uni(d$yi, d$vi)$tau2; w <- 1 / (d$vi + tau2); affirmative <- sign * d$yi / sqrt(d$vi) > qnorm(0.975)
  mean_at <- function(eta) weighted_mean(d$yi, d$vi, d$cluster, ifelse(affirmative, 1, eta) * w, tau2)
  limit <- function(x) sign * mean_at(exp(x))[[if (sign > 0) "ciLower" else "ciUpper"]]
  zero <- -sum((w * d$yi)[affirmative]) / sum((w * d$yi)[!affirmative])
  of_limit <- if (limit(0) > 0 && limit(log(1e6)) < 0) exp(uniroot(limit, c(0, log(1e6)), tol = 1e-13)$root) else NA
  c(mean_at(eta), list(affirmative = sum(affirmative), tau2 = tau2,
                       worst = with(d, weighted_mean(yi[!affirmative], vi[!affirmative], cluster[!affirmative], w[!affirmative], tau2)),
                       sValue = if (sign * mean_at(1)$beta > 0 && zero >= 1) zero else NA, sValueOfLimit = of_limit))
}

# Every family walks the keys that the file has. `attempt` answers what is computed, or NULL where these versions cannot. ------------------

skipped <- character()
attempt <- function(where, compute) tryCatch(compute(), error = function(e) { skipped <<- c(skipped, paste0(where, ": ", conditionMessage(e))); NULL })
fill <- function(old, new, where) { # keeps the keys of the file, and their order
  if (is.null(new)) return(old)
  lacking <- setdiff(names(old), names(new))
  if (length(lacking)) skipped <<- c(skipped, paste0(where, ": no ", paste(lacking, collapse = ", ")))
  for (key in intersect(names(old), names(new)))
    old[key] <- list(if (is.list(old[[key]]) && !is.null(names(old[[key]]))) fill(old[[key]], new[[key]], key) else new[[key]])
  old
}
each <- function(part, where, f) if (is.null(part)) NULL else mapply(function(key) {
  if (is.null(part[[key]])) NULL else fill(part[[key]], attempt(paste(where, key), function() f(key)), paste(where, key))
}, names(part), SIMPLIFY = FALSE)

recomputed <- function(file) {
  d <- file$data
  d$yi <- numbers(d$yi); d$vi <- numbers(d$vi); d$ni <- numbers(d$ni); d$cluster <- unlist(d$cluster)
  file$random <- each(file$random, "random", function(key) random(d, key))
  file$qProfile <- each(file$qProfile, "qProfile", function(key) q_profile(d, key))
  for (b in intersect(names(file$bias), names(bias))) file$bias[b] <- each(file$bias[b], "bias", function(key) bias[[key]](d))
  file$bias$trimFill <- each(file$bias$trimFill, "trimFill", function(key) trim_fill(d, key))
  file$bias$failSafe <- each(file$bias$failSafe, "failSafe", function(key) fail_safe(d, key))
  file$bias$selection <- each(file$bias$selection, "selection", function(key) selected(d, key))
  file$sensitivity <- each(file$sensitivity, "sensitivity", function(key) sensitivity[[key]](d))
  for (mod in names(file$moderators)) {
    models <- setdiff(names(file$moderators[[mod]]), "subgroup")
    file$moderators[[mod]][models] <- each(file$moderators[[mod]][models], paste("moderators", mod), function(key) regressed(d, mod, key))
    if (!is.null(file$moderators[[mod]]$subgroup))
      file$moderators[[mod]]$subgroup <- each(file$moderators[[mod]]$subgroup, paste("subgroup", mod), function(key) subgroup(d, mod, key))
  }
  if (!is.null(file$dependent)) file$dependent <- dependent(d, file$dependent)
  file
}

dependent <- function(d, part) {
  part$threeLevel <- each(part$threeLevel, "threeLevel", function(key) { o <- estimator(key); nested_record(d, nested(d, method = o$method, test = o$test)) })
  three <- nested(d)
  part$robust$threeLevel <- each(part$robust$threeLevel, "robust", function(key) club(three, key))
  part$selectionSensitivity <- each(part$selectionSensitivity, "selectionSensitivity", function(key) selection_sensitivity(d, key))
  for (key in names(part$che)) part$che[[key]] <- with_robust(d, part$che[[key]], paste("che", key), function() nested(d, constant_rho(d, rho(key))))
  for (key in names(part$aggregate)) {
    a <- attempt(paste("aggregate", key), function() aggregated(d, rho(key)))
    new <- if (!is.null(a)) c(a, list(fit = described(uni(a$yi, a$vi, test = "knha"))))
    part$aggregate[[key]] <- fill(part$aggregate[[key]], new, paste("aggregate", key))
  }
  for (mod in names(part$moderators))
    part$moderators[[mod]] <- with_robust(d, part$moderators[[mod]], paste("dependent moderators", mod), function() nested(d, xx = numbers(d$mods[[mod]])))
  part
}

with_robust <- function(d, old, where, model) {
  own <- setdiff(names(old), c("cr2", "htz"))
  fit <- attempt(where, model)
  if (is.null(fit)) return(old)
  old[own] <- fill(old[own], nested_record(d, fit), where)
  if (!is.null(old$cr2)) old$cr2 <- fill(old$cr2, attempt(paste(where, "cr2"), function() club(fit, "CR2")), where)
  if (!is.null(old$htz)) old$htz <- fill(old$htz, attempt(paste(where, "htz"), function() hotelling(fit)), where)
  old
}

# Comparison ----------------------------------------------------------------------------------------------------------------------------

leaves <- function(x, path = character()) { # list of path/value; null is NA
  if (is.null(x) || length(x) == 0) return(list(list(path = path, value = NA)))
  if (is.list(x)) {
    keys <- if (is.null(names(x))) as.character(seq_along(x)) else names(x)
    return(do.call(c, lapply(seq_along(x), function(i) leaves(x[[i]], c(path, keys[i])))))
  }
  if (length(x) == 1 && is.null(names(x))) return(list(list(path = path, value = x[[1]])))
  lapply(seq_along(x), function(i) list(path = c(path, as.character(i)), value = x[[i]]))
}
family <- function(path) {
  if (path[1] %in% c("bias", "dependent")) paste(path[1], path[2])
  else if ("subgroup" %in% path) "subgroup"
  else if (path[1] == "sensitivity") paste(path[1], path[2])
  else path[1]
}
flat <- function(file) {
  parts <- c("random", "qProfile", "bias", "sensitivity", "moderators", "dependent")
  all <- do.call(c, lapply(parts, function(f) if (is.null(file[[f]])) NULL else leaves(file[[f]], f)))
  setNames(lapply(all, `[[`, "value"), sapply(all, function(leaf) paste(leaf$path, collapse = "\r")))
}
difference <- function(ours, committed) {
  if (is.na(committed) || is.na(ours)) return(if (is.na(committed) && is.na(ours)) 0 else Inf)
  if (!is.numeric(committed)) return(if (identical(as.character(ours), as.character(committed))) 0 else Inf)
  abs(ours - committed) / max(abs(committed), FLOOR)
}
# Marks what is left of the old file, so that an untouched number is not counted as one that agrees.
blank <- function(x) if (is.list(x) && !is.null(names(x))) lapply(x, blank) else "(not computed)"
checked <- function(name, file) {
  emptied <- file
  for (f in intersect(c("random", "qProfile", "bias", "sensitivity", "moderators", "dependent"), names(file))) emptied[[f]] <- blank(file[[f]])
  old <- flat(file); new <- flat(recomputed(emptied))
  rows <- lapply(names(old), function(key) {
    parts <- strsplit(key, "\r")[[1]]
    value <- new[[key]]
    untouched <- is.null(value) || identical(value, "(not computed)")
    covering <- sapply(seq_along(parts), function(i) identical(new[[paste(parts[1:i], collapse = "\r")]], "(not computed)"))
    data.frame(family = family(parts), where = paste(c(name, parts), collapse = " "), computed = !(untouched || any(covering)),
               difference = if (untouched || any(covering)) NA else difference(value, old[[key]]))
  })
  do.call(rbind, rows)
}
report <- function(rows) {
  cat(sprintf("metafor %s, clubSandwich %s; agrees: relative difference at most %g (to |committed| or %g, whichever is larger)\n\n",
              packageVersion("metafor"), if (CLUB) as.character(packageVersion("clubSandwich")) else "not installed", TOLERANCE, FLOOR))
  cat("| family | values | computed | agree | worst difference that agrees | worst difference, where |\n|---|---|---|---|---|---|\n")
  for (f in unique(rows$family)) {
    r <- rows[rows$family == f, ]; done <- r[r$computed, ]; ok <- done$difference <= TOLERANCE; i <- which.max(done$difference)
    cat(sprintf("| %s | %d | %d | %d | %s | %s |\n", f, nrow(r), nrow(done), sum(ok), if (any(ok)) sprintf("%.1e", max(done$difference[ok])) else "–",
                if (length(i)) sprintf("%.1e %s", done$difference[i], done$where[i]) else "–"))
  }
  if (length(skipped)) {
    cat("\nNot computed by these versions:\n")
    reasons <- sub("^[^:]* ?: ", "", skipped); kinds <- sub(":.*", "", skipped)
    for (s in sort(unique(paste0(kinds, ": ", reasons)))) cat("- ", s, " (", sum(paste0(kinds, ": ", reasons) == s), ")\n", sep = "")
  }
}

write <- function(path, file) {
  skipped <<- character()
  before <- file$source
  file <- recomputed(file)
  file$source <- list(metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
                      clubSandwich = if (CLUB) as.character(packageVersion("clubSandwich")) else NULL)
  if (length(skipped)) file$source$kept <- list(from = before, values = as.list(unique(sub(":.*", "", skipped))))
  writeLines(toJSON(file, auto_unbox = TRUE, digits = I(15), null = "null", na = "null", pretty = 1), path)
  cat(path, if (length(skipped)) sprintf("written; %d parts kept", length(skipped)) else "written", "\n")
}

arguments <- commandArgs(TRUE)
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1]))
files <- setdiff(arguments, "--check")
if (!length(files)) files <- setdiff(Sys.glob(file.path(here, "*.json")), file.path(here, c("distributions.json", "stage-one.json", "therapists.json")))
committed <- lapply(files, fromJSON, simplifyVector = FALSE)
if ("--check" %in% arguments) {
  report(do.call(rbind, Map(function(path, file) checked(sub("\\.json$", "", basename(path)), file), files, committed)))
} else invisible(Map(write, files, committed))
