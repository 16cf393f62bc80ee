# A client in R: the table of effects, pooled by metafor and by the service, with curl and jsonlite.
# Rscript client.R http://localhost:8080
suppressPackageStartupMessages({
  library(curl)
  library(jsonlite)
  library(metafor)
})

base <- commandArgs(trailingOnly = TRUE)[1]
key <- Sys.getenv("REALRELATIONSHIP_KEY")

# One request; a refusal stops with every fault that the service names.
ask <- function(path, body = NULL) {
  handle <- new_handle()
  headers <- list()
  if (nzchar(key)) headers[["X-API-Key"]] <- key
  if (!is.null(body)) {
    headers[["Content-Type"]] <- "application/json"
    handle_setopt(handle, copypostfields = toJSON(body, auto_unbox = TRUE, digits = NA, null = "null"))
  }
  handle_setheaders(handle, .list = headers)
  response <- curl_fetch_memory(paste0(base, path), handle)
  text <- rawToChar(response$content)
  Encoding(text) <- "UTF-8"
  if (response$status_code >= 400) {
    problem <- fromJSON(text)
    stop(problem$status, " ", problem$title, ": ", problem$detail, call. = FALSE)
  }
  text
}

agree <- function(name, service, r) {
  stopifnot(length(service) == 1, is.numeric(service), is.finite(service), is.finite(r))
  if (abs(service - r) > 1e-6) stop(name, ": the service says ", format(service, digits = 12), ", metafor ", format(r, digits = 12), call. = FALSE)
}

# What the service pools when it is not asked otherwise: primary effects between clients. Both ask for effects as if independent.
rows <- read.csv(text = ask("/effects.csv"), check.names = FALSE, fileEncoding = "UTF-8")
rows <- rows[rows$level == "betweenClient" & rows$kind != "reference", ]
stopifnot(nrow(rows) >= 10)

# metafor stops early unless told not to.
exact <- list(threshold = 1e-12, tol = 1e-12, maxiter = 1000)

compare <- function(estimator, test) {
  pool <- fromJSON(ask(sprintf("/meta/pool?dependence=independent&estimator=%s&test=%s", estimator, test[["service"]])))
  stopifnot(pool$counts$effects == nrow(rows))
  fit <- rma(yi, vi, data = rows, method = toupper(estimator), test = test[["metafor"]], control = exact)
  agree("effect", pool$pooled$effect, as.numeric(fit$beta))
  agree("standardError", pool$pooled$standardError, fit$se)
  agree("lower", pool$pooled$lower, fit$ci.lb)
  agree("upper", pool$pooled$upper, fit$ci.ub)
  agree("tau2", pool$heterogeneity$tau2, fit$tau2)
  agree("i2", pool$heterogeneity$i2, fit$I2)
  agree("q", pool$heterogeneity$q, fit$QE)
  agree("r", pool$correlation$r, tanh(as.numeric(fit$beta)))
  agree("weights", max(abs(sort(pool$studies$weight) - sort(as.numeric(weights(fit))))), 0)
  r <- pool$correlation
  cat(sprintf("%-4s %-16s r = %.4f [%.4f, %.4f], k = %d\n", estimator, test[["service"]], r$r, r$lower, r$upper, fit$k))
}

for (estimator in c("reml", "dl", "pm")) {
  compare(estimator, c(service = "z", metafor = "z"))
  compare(estimator, c(service = "knappHartung", metafor = "knha"))
}

# A breakdown: the same table, the same model with a moderator.
breakdown <- fromJSON(ask("/meta/moderators?dependence=independent&test=z&by=outcomeType"), simplifyVector = FALSE)$moderators[[1]]
fit <- rma(yi, vi, mods = ~ outcomeType, data = rows, method = "REML", control = exact)
agree("QM", breakdown$test$statistic, fit$QM)
agree("p of QM", breakdown$test$p, fit$QMp)

# Effects of one's own; nothing is stored.
own <- data.frame(r = c(0.45, 0.31, 0.52), n = c(88, 120, 64))
pool <- fromJSON(ask("/meta/pool", list(effects = own, model = list(test = "z"))))
fit <- rma(measure = "ZCOR", ri = own$r, ni = own$n, control = exact)
agree("effect of own rows", pool$pooled$effect, as.numeric(fit$beta))

# A mistyped name is refused, never passed over.
refused <- tryCatch(ask("/meta/pool?estimater=dl"), error = conditionMessage)
stopifnot(startsWith(refused, "400 "))

cat("R: the service and metafor agree.\n")
