# Standard errors of latent classes: the likelihood written anew row by row, maximized in logits, its Hessian by Richardson extrapolation.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(numDeriv))
set.seed(407)
n <- 700; L <- c(q1 = 2, q2 = 2, q3 = 2, q4 = 2, q5 = 3, q6 = 3); k <- 3
truth <- list(q1 = rbind(c(.15, .85), c(.8, .2), c(.3, .7)), q2 = rbind(c(.2, .8), c(.85, .15), c(.75, .25)), q3 = rbind(c(.1, .9), c(.7, .3), c(.85, .15)),
  q4 = rbind(c(.8, .2), c(.15, .85), c(.7, .3)), q5 = rbind(c(.7, .2, .1), c(.1, .2, .7), c(.2, .6, .2)), q6 = rbind(c(.6, .3, .1), c(.15, .25, .6), c(.2, .65, .15)))
z <- sample(k, n, TRUE, c(.45, .33, .22))
X <- sapply(names(L), function(v) sapply(z, function(c) sample(L[[v]], 1, prob = truth[[v]][c, ])))
X[matrix(runif(length(X)) < .05, n)] <- NA
d <- data.frame(X, weight = round(runif(n, .4, 2.5), 2), count = sample(3, n, TRUE))
write.csv(d, file.path(D, "lca_errors.csv"), row.names = FALSE, na = "")
# Logits against the first class and against each item's first answer.
parts <- function(b) { s <- exp(c(0, b[1:(k - 1)])); at <- k - 1; P <- list()
  for (v in names(L)) { P[[v]] <- t(sapply(1:k, function(c) { e <- exp(c(0, b[at + (1:(L[[v]] - 1)) + (c - 1) * (L[[v]] - 1)])); e / sum(e) })); at <- at + k * (L[[v]] - 1) }
  list(share = s / sum(s), P = P) }
flat <- function(b) { m <- parts(b); c(m$share, unlist(m$P)) }
rows_ll <- function(b, X) { m <- parts(b); out <- matrix(log(m$share), nrow(X), k, byrow = TRUE)
  for (v in names(L)) { a <- X[, v]; o <- !is.na(a); out[o, ] <- out[o, ] + log(t(m$P[[v]][, a[o]])) }
  top <- apply(out, 1, max); top + log(rowSums(exp(out - top))) }
start <- c(log(c(.33, .22) / .45), unlist(lapply(truth, function(p) t(log(p[, -1, drop = FALSE] / p[, 1])))))
climb <- function(w, X) { f <- function(b) -sum(w * rows_ll(b, X))
  b <- optim(start, f, method = "BFGS", control = list(maxit = 2000, reltol = 1e-14))$par
  for (i in 1:4) b <- b - drop(solve(hessian(f, b), grad(f, b)))
  list(b = b, H = hessian(f, b), ll = -f(b), slope = max(abs(grad(f, b)))) }
nm <- c(paste0("share.class", 1:k), unlist(lapply(names(L), function(v) paste("prob", v, paste0("class", rep(1:k, L[[v]])), paste0("cat", rep(1:L[[v]], each = k)), sep = "."))))
o <- oracle_new("lca_errors", "Standard errors of three latent classes with missing answers: plain, weighted, and rows that count several times",
  data = list(file = "lca_errors.csv", n = n, p = 6, missing_cells = sum(is.na(X)), source = "own simulation in make.R", licence = "free to use with the project"),
  reference = list(R = R.version.string, numDeriv = as.character(packageVersion("numDeriv"))),
  notes = list("Classes in decreasing order of their shares.", "se: delta method from logits. plain and counts: inverse Hessian; weighted: sandwich of the scores, times n/(n-1), weights scaled to mean 1.",
    "counts: every row repeated `count` times."))
pin <- function(id, w, X, robust) { m <- climb(w, X); stopifnot(m$slope < 1e-5); V <- solve(m$H)
  if (robust) { S <- w * jacobian(rows_ll, m$b, X = X); V <- V %*% crossprod(S) %*% V * nrow(X) / (nrow(X) - 1) }
  J <- jacobian(flat, m$b); p <- flat(m$b); se <- sqrt(diag(J %*% V %*% t(J))); names(p) <- names(se) <- nm
  stopifnot(!is.unsorted(-p[1:k])); oracle_add(o, paste0(id, ".loglik"), m$ll, 1e-6, note = "sum of weight times log-likelihood of a row")
  oracle_add(o, paste0(id, ".estimate"), p, 1e-5); oracle_add(o, paste0(id, ".se"), se, 1e-5); cat(id, m$ll, m$slope, range(se), "\n") }
w <- d$weight / mean(d$weight)
pin("plain", rep(1, n), X, FALSE); pin("weighted", w, X, TRUE)
r <- rep(1:n, d$count); pin("counts", rep(1, length(r)), X[r, ], FALSE)
oracle_write(o, D)
