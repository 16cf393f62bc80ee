# Cluster-robust standard errors and Satterthwaite degrees of freedom by dense matrices: the formulas of Pustejovsky and Tipton (2018) written out.
root <- function(G) {
  e <- eigen((G + t(G)) / 2)
  keep <- e$values > 1e-12 * max(e$values)
  e$vectors[, keep, drop = FALSE] %*% (t(e$vectors[, keep, drop = FALSE]) / sqrt(e$values[keep]))
}
# Standard error and degrees of freedom of every coefficient; a fit has M, W = M^-1, C = (X'WX)^-1 and beta, and M is block-diagonal over the clusters.
robust <- function(fit, y, X, cluster, type) {
  groups <- split(seq_along(y), cluster)
  m <- length(groups)
  e <- y - X %*% fit$beta
  H <- diag(length(y)) - X %*% fit$C %*% t(X) %*% fit$W
  F <- lapply(groups, function(g) {
    A <- diag(length(g))
    if (type == "CR2") {
      D <- chol(fit$M[g, g, drop = FALSE])
      G <- fit$M[g, g, drop = FALSE] - X[g, , drop = FALSE] %*% fit$C %*% t(X[g, , drop = FALSE])
      A <- t(D) %*% root(D %*% G %*% t(D)) %*% D
    }
    # The inverse of a block of the block-diagonal M is that block of its inverse.
    A %*% fit$W[g, g, drop = FALSE] %*% X[g, , drop = FALSE] %*% fit$C
  })
  factor <- if (type == "CR1") m / (m - 1) else 1
  sapply(seq_len(ncol(X)), function(j) {
    se <- sqrt(factor * sum(mapply(function(g, f) sum(f[, j] * e[g])^2, groups, F)))
    p <- sapply(seq_len(m), function(i) t(H[groups[[i]], , drop = FALSE]) %*% F[[i]][, j])
    Q <- t(p) %*% fit$M %*% p
    c(se, sum(diag(Q))^2 / sum(Q^2))
  })
}
