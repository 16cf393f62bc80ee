# Writes therapists.json: clients of therapists, made up here, and what dense mixed-model equations say of them, 17 digits.
# nlme::lme has to agree to 1e-5. Run:  Rscript therapists.R > therapists.json
suppressMessages(library(nlme))
set.seed(20180711)
number <- function(x) paste(trimws(formatC(x, digits = 17, format = "g")), collapse = ", ")
out <- list()
add <- function(name, ...) out[[length(out) + 1]] <<- sprintf('  "%s": [%s]', name, number(c(...)))

therapist <- rep(1:9, c(12, 5, 7, 1, 9, 6, 2, 15, 8))
pre <- round(16 + rnorm(9, sd = 2)[therapist] + rnorm(length(therapist), sd = 4))
post <- round(2 + .5 * pre + rnorm(9, sd = 2)[therapist] + rnorm(length(therapist), sd = 3.5))
alike <- round(rnorm(length(therapist), 10, 3), 1)
add("therapist", therapist); add("pre", pre); add("post", post); add("alike", alike)

fit <- function(name, y, x) {
  g <- factor(therapist); Z <- model.matrix(~ 0 + g); N <- length(y); X <- if (is.null(x)) cbind(rep(1, N)) else cbind(1, x - mean(x)); p <- ncol(X)
  profiled <- function(theta) {
    V <- diag(N) + theta * Z %*% t(Z); A <- t(X) %*% solve(V, X); b <- solve(A, t(X) %*% solve(V, y)); r <- y - X %*% b
    q <- c(t(r) %*% solve(V, r))
    list(b = b, s2 = q / (N - p), deviance = (N - p) * log(q) + c(determinant(V)$modulus) + c(determinant(A)$modulus), V = V, r = r, A = A)
  }
  score <- function(theta) {
    m <- profiled(theta); VZ <- solve(m$V, Z); P <- solve(m$V) - solve(m$V, X) %*% solve(m$A, t(solve(m$V, X)))
    sum((t(Z) %*% solve(m$V, m$r))^2) / m$s2 - sum(diag(t(Z) %*% P %*% Z))
  }
  theta <- if (score(0) <= 0) 0 else uniroot(score, c(0, 10), tol = 1e-15)$root
  m <- profiled(theta); t2 <- theta * m$s2
  if (theta > 0) {
    # Henderson's equations: prediction errors of b and u together
    C <- solve(rbind(cbind(t(X) %*% X, t(X) %*% Z), cbind(t(Z) %*% X, t(Z) %*% Z + diag(nlevels(g)) / theta)) / m$s2)
    u <- theta * t(Z) %*% solve(m$V, m$r)
    se <- sapply(seq_along(u), function(i) { k <- rep(0, nrow(C)); k[c(1, p + i)] <- 1; sqrt(c(k %*% C %*% k)) })
    f <- if (is.null(x)) lme(y ~ 1, random = ~ 1 | g, control = lmeControl(msTol = 1e-12, tolerance = 1e-12))
         else lme(y ~ I(x - mean(x)), random = ~ 1 | g, control = lmeControl(msTol = 1e-12, tolerance = 1e-12))
    stopifnot(all.equal(c(ranef(f)[, 1]), c(u), tolerance = 1e-5), all.equal(f$sigma^2, m$s2, tolerance = 1e-5))
  } else {
    u <- rep(0, nlevels(g)); se <- rep(sqrt(m$s2 * solve(m$A)[1, 1]), nlevels(g))
  }
  add(name, m$b[1], t2, m$s2, if (p == 2) m$b[2]); add(paste0(name, "Estimate"), m$b[1] + u); add(paste0(name, "Error"), se)
}
fit("plain", post, NULL); fit("adjusted", post, pre); fit("weak", alike, NULL)
cat("{\n", paste(out, collapse = ",\n"), "\n}\n", sep = "")
