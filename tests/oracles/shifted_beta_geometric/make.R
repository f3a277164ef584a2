# The shifted beta-geometric law by R's optimizers and series, from its definition.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(numDeriv))
o <- oracle_new("shifted_beta_geometric", "Shifted beta-geometric fits: parameters, errors, profile intervals, projections, residual lifetimes",
  data = list(file = "retention.csv, staggered.csv", n = 2000, p = 3, source = "Fader and Hardie (2007), retention of two segments of 1,000 customers (from memory; the fit agrees with their printed parameters); staggered.csv: own simulation (this script, seed 2007)"),
  reference = c(list(R = R.version.string), as.list(pkgv("numDeriv"))),
  notes = list("Likelihood written with lbeta; optim(BFGS) in log a and log b, then nlm; Hessian by numDeriv at the maximum.",
    "Profile ends: uniroot on the likelihood maximized over the other parameter by optimize, chi-squared 95 %.",
    "survival: lbeta(a, b + t) - lbeta(a, b); residual: sum of 200,000 terms of S(n + t) / S(n) / (1 + d)^t from t = 0."))
surv <- list(regular = c(1000, 631, 468, 382, 326, 289, 262, 241), high_end = c(1000, 869, 743, 653, 593, 551, 517, 491))
write.csv(data.frame(year = 0:7, regular = surv$regular, high_end = surv$high_end), file.path(D, "retention.csv"), row.names = FALSE, quote = FALSE)
set.seed(2007); n <- 400
theta <- rbeta(n, .9, 6); left <- rgeom(n, theta) + 1; seen <- sample(0:24, n, replace = TRUE)
stag <- data.frame(months = pmin(left, seen), left = as.integer(left <= seen))
write.csv(stag, file.path(D, "staggered.csv"), row.names = FALSE, quote = FALSE)
nll <- function(x, lost, t, cens, s) {
  a <- exp(x[1]); b <- exp(x[2])
  -(sum(lost * (lbeta(a + 1, b + t - 1) - lbeta(a, b))) + sum(cens * (lbeta(a, b + s) - lbeta(a, b))))
}
fit <- function(tag, lost, t, cens, s, ages) {
  f <- function(x) nll(x, lost, t, cens, s)
  r <- optim(c(0, 1), f, method = "BFGS", control = list(reltol = 1e-15, maxit = 1000))
  r <- nlm(f, r$par, gradtol = 1e-10, steptol = 1e-12, iterlim = 500)
  x <- r$estimate; a <- exp(x[1]); b <- exp(x[2]); V <- solve(hessian(f, x))
  oracle_add(o, tag, c(a = a, b = b), 1e-5, "rel", source = "optim + nlm")
  oracle_add(o, paste0(tag, ".log_likelihood"), -r$minimum, 1e-7, source = "optim + nlm")
  oracle_add(o, paste0(tag, ".std_error"), c(a = a * sqrt(V[1, 1]), b = b * sqrt(V[2, 2])), 1e-4, "rel", source = "numDeriv hessian")
  q <- qchisq(.95, 1) / 2
  for (w in 1:2) {
    prof <- function(v) { z <- x; optimize(function(u) { z[w] <- v; z[3 - w] <- u; f(z) }, x[3 - w] + c(-6, 6), tol = 1e-10)$objective - r$minimum - q }
    ends <- exp(c(low = uniroot(prof, x[w] + c(-3, -1e-6), tol = 1e-10)$root, high = uniroot(prof, x[w] + c(1e-6, 5), tol = 1e-10)$root))
    oracle_add(o, paste(tag, "profile", c("a", "b")[w], sep = "."), ends, 1e-5, "rel", source = "uniroot + optimize")
  }
  S <- function(z, t) exp(lbeta(exp(z[1]), exp(z[2]) + t) - lbeta(exp(z[1]), exp(z[2])))
  for (t in ages) {
    g <- grad(function(z) S(z, t), x)
    oracle_add(o, paste(tag, "survival", t, sep = "."), c(estimate = S(x, t), std_error = sqrt(drop(t(g) %*% V %*% g))), 1e-6, source = "lbeta, numDeriv grad")
    k <- 0:199999
    oracle_add(o, paste(tag, "residual", t, sep = "."), sum(exp(lbeta(a, b + t + k) - lbeta(a, b + t) - k * log(1.1))), 1e-5, source = "series, d = 0.1")
  }
}
for (s in names(surv)) fit(s, -diff(surv[[s]]), 1:7, surv[[s]][8], 7, c(1, 7, 12))
gone <- table(factor(stag$months[stag$left == 1], levels = 1:24)); there <- table(factor(stag$months[stag$left == 0], levels = 0:24))
fit("staggered", as.numeric(gone), 1:24, as.numeric(there), 0:24, c(1, 12, 36))
oracle_write(o, D)
