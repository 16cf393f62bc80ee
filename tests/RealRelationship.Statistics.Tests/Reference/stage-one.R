# Writes stage-one.json: sessions made up here, and what lm, cor and sums written out say of them, 17 digits. Run:  Rscript stage-one.R > stage-one.json
set.seed(20180444)
number <- function(x) paste(trimws(formatC(x, digits = 17, format = "g")), collapse = ", ")
out <- list()
add <- function(name, ...) out[[length(out) + 1]] <<- sprintf('  "%s": [%s]', name, number(c(...)))

therapist <- rep(1:12, c(5, 4, 1, 3, 2, 6, 2, 3, 4, 2, 3, 5))
sessions <- sample(1:9, length(therapist), replace = TRUE)
client <- rep(seq_along(therapist), sessions)
warmth <- rnorm(12, sd = .4)[therapist] + rnorm(length(therapist), sd = .5)
care <- rnorm(length(therapist), sd = .6)
session <- sequence(sessions)
x <- round(3.5 + warmth[client] + .05 * session + rnorm(length(client), sd = .4), 2)
alliance <- round(4 + .5 * x + rnorm(length(client), sd = .3), 2)
y <- round(5 + .3 * x + .2 * warmth[client] + care[client] + .04 * session + .2 * alliance + rnorm(length(client), sd = .5), 2)
pre <- round(20 - 3 * warmth + rnorm(length(therapist), sd = 4))
post <- round(.6 * pre - 4 * warmth + rnorm(length(therapist), sd = 4))
add("client", client); add("therapist", therapist); add("x", x); add("y", y)
add("session", session); add("alliance", alliance); add("pre", pre); add("post", post)

# r, z, SE, df, p, lower, upper
normal <- function(r, df) {
  z <- atanh(r); t <- r * sqrt(df / (1 - r^2))
  c(r, z, 1 / sqrt(df - 1), df, 2 * pt(-abs(t), df), tanh(z + c(-1, 1) * qnorm(.975) / sqrt(df - 1)))
}

several <- sessions[client] > 1
id <- factor(client[several])
within <- data.frame(x, y, session, alliance)[several, ]
e <- function(formula) residuals(lm(formula, within))
add("raw", normal(cor(e(x ~ id), e(y ~ id)), nrow(within) - nlevels(id) - 1))

# Cluster-robust: u_i by the influence function of a correlation of residuals
robust <- function(ex, ey, covariates) {
  sxx <- sum(ex^2); syy <- sum(ey^2); r <- sum(ex * ey) / sqrt(sxx * syy); k <- nlevels(id)
  n <- length(ex) - k - covariates
  u <- tapply(ex * ey / sqrt(sxx * syy) - r / 2 * (ex^2 / sxx + ey^2 / syy), id, sum)
  effective <- min(k, 1 / (sum(tapply(ex^2, id, sum) * tapply(ey^2, id, sum)) / (sxx * syy) - 2 * r^2 / n))
  se <- sqrt(sum(u^2) * effective / (effective - 1) * n^2 / ((n - 2) * (n - 3))) / (1 - r^2)
  df <- effective - 1
  c(r, atanh(r), se, df, 2 * pt(-abs(atanh(r) / se), df), tanh(atanh(r) + c(-1, 1) * qt(.975, df) * se))
}
add("sessionPartialled", robust(e(x ~ id + session), e(y ~ id + session), 1))
add("sessionAndAlliancePartialled", robust(e(x ~ id + session + alliance), e(y ~ id + session + alliance), 2))

mx <- as.vector(tapply(x, client, mean)); my <- as.vector(tapply(y, client, mean))
used <- table(therapist)[therapist] > 1
g <- factor(therapist[used]); n <- sum(used); strata <- nlevels(g)
add("betweenClients", normal(cor(residuals(lm(mx[used] ~ g)), residuals(lm(my[used] ~ g))), n - strata - 1))
add("treatmentOutcome", normal(cor(residuals(lm(mx[used] ~ g + pre[used])), residuals(lm(post[used] ~ g + pre[used]))), n - strata - 2))
add("betweenTherapists", normal(cor(tapply(mx, therapist, mean), tapply(my, therapist, mean)), 12 - 2))

# Method of moments: E S_B = sigma_B + sigma_W * sum (1 - 1/n_j)/T / (clients - strata)
sw <- crossprod(cbind(residuals(lm(x ~ factor(client))), residuals(lm(y ~ factor(client))))) / (length(x) - length(sessions))
sb <- crossprod(cbind(residuals(lm(mx[used] ~ g)), residuals(lm(my[used] ~ g)))) / (n - strata)
share <- sum((1 - 1 / as.vector(table(therapist)[therapist]))[used] / sessions[used]) / (n - strata)
b <- sb - share * sw
add("latent", b[1, 2] / sqrt(b[1, 1] * b[2, 2]), b[1, 1], b[1, 2], b[2, 2], 1 / share)
cat("{\n", paste(out, collapse = ",\n"), "\n}\n", sep = "")
