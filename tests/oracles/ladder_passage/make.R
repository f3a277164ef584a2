# First passage, order and homogeneity tests, slopes of the value and a budget split on the simulated loyalty ladder.
# markovchain, numDeriv and stats; data of the oracle ladder_sim.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); .libPaths(oracle_lib())
suppressPackageStartupMessages({library(markovchain); library(numDeriv)})
st <- c("trial", "repeat", "regular", "partner", "advocate", "gone"); tr <- st[1:5]
x <- read.csv(file.path(dirname(.here), "ladder_sim", "ladder_sim.csv"), na.strings = ""); S <- as.matrix(x[-1])
o <- oracle_new("ladder_passage", "Loyalty ladder: first passage, Anderson-Goodman tests, posterior intervals, slopes of the value, budget split",
  data = list(file = "../ladder_sim/ladder_sim.csv", n = nrow(x), source = "oracle ladder_sim", licence = "own work, free to use with the project"),
  reference = list(R = R.version.string, packages = as.list(pkgv("markovchain", "numDeriv"))),
  notes = list(
    "ever: probability to reach the stage (exactly) or that stage or a higher one (at_least), from hittingProbabilities, or absorptionProbabilities of the chain whose goal is absorbing.",
    "periods: mean first passage time given that the goal is reached, by summing 20,000 terms of firstPassage (one stage) and of powers of the chain whose goal is absorbing (several); within8: their first eight terms.",
    "Tests: chisq.test in every stratum without empty rows and columns for Pearson and df, loglin for the likelihood ratio. second_order: strata are the present stage, rows the stage before, columns the next. stationarity_11: rows are the eleven transitions in time.",
    "interval: qbeta of the Beta marginals of Dirichlet(count + 1/6).",
    "slope: numDeriv::grad of the value of all customers of q12 with repeat/regular/... as in the key, at the expense of gone; infinite horizon, 8 periods, or a change that lasts 4 periods. d = 0.03, margins 40 120 300 650 900 0.",
    "budget: 20000 over four steps, reach 1 point, scale 3000 each, change for ever; constrOptim on the slopes above."))
f <- factor(as.vector(S[, -12]), st); g <- factor(as.vector(S[, -1]), st)
cm <- matrix(as.integer(table(f, g)), 6, 6, dimnames = list(st, st)); P <- cm / rowSums(cm); P["gone", ] <- c(0, 0, 0, 0, 0, 1)
chain <- function(M) new("markovchain", states = st, transitionMatrix = M)
mc <- chain(P); h <- hittingProbabilities(mc)
for (j in tr) for (i in setdiff(tr, j)) oracle_add(o, paste("exactly.ever", i, j, sep = "."), h[i, j], 1e-9)
for (j in tr) for (i in setdiff(tr, j)) { fp <- firstPassage(mc, i, 20000)[, j]; oracle_add(o, paste("exactly.periods", i, j, sep = "."), sum(seq_along(fp) * fp) / sum(fp), 1e-7); oracle_add(o, paste("exactly.within8", i, j, sep = "."), sum(fp[1:8]), 1e-9) }
for (k in 2:5) {
  goal <- tr[k:5]; M <- P; for (s in goal) { M[s, ] <- 0; M[s, s] <- 1 }
  a <- absorptionProbabilities(chain(M))
  for (i in tr[seq_len(k - 1)]) {
    oracle_add(o, paste("at_least.ever", i, tr[k], sep = "."), sum(a[i, goal]), 1e-9)
    now <- as.numeric(st == i); done <- 0; mean <- 0
    for (t in 1:20000) { now <- as.numeric(now %*% M); d <- sum(now[match(goal, st)]); mean <- mean + t * (d - done); done <- d; if (t == 8) oracle_add(o, paste("at_least.within8", i, tr[k], sep = "."), d, 1e-9) }
    oracle_add(o, paste("at_least.periods", i, tr[k], sep = "."), mean / done, 1e-7)
  }
}
oracle_add(o, "absorption_time", meanAbsorptionTime(mc)[tr], 1e-8, source = "meanAbsorptionTime: the starting quarter included")
# tests within strata
strata <- function(tab) { out <- c(G2 = 0, X2 = 0, df = 0); for (s in dimnames(tab)[[1]]) { m <- tab[s, , ]; m <- m[rowSums(m) > 0, colSums(m) > 0, drop = FALSE]; if (nrow(m) < 2 || ncol(m) < 2) next
  t <- suppressWarnings(chisq.test(m, correct = FALSE)); l <- loglin(m, list(1, 2), print = FALSE); stopifnot(abs(l$pearson - t$statistic) < 1e-6); out <- out + c(l$lrt, t$statistic, t$parameter) }
  c(out, p_G2 = pchisq(out[["G2"]], out[["df"]], lower.tail = FALSE), p_X2 = pchisq(out[["X2"]], out[["df"]], lower.tail = FALSE), n = sum(tab)) }
live <- f %in% tr
one <- factor(rep("all", length(f)))
oracle_add(o, "independence", strata(table(one[live], droplevels(f[live]), g[live])), 1e-6)
pre <- factor(as.vector(S[, 1:10]), st); now <- factor(as.vector(S[, 2:11]), st); nxt <- factor(as.vector(S[, 3:12]), st); ok <- now %in% tr & pre %in% tr
oracle_add(o, "second_order", strata(table(droplevels(now[ok]), droplevels(pre[ok]), nxt[ok])), 1e-6)
when <- as.vector(col(S[, -12])); half <- ifelse(when <= 6, "a", "b")
oracle_add(o, "stationarity_2", strata(table(droplevels(f[live]), half[live], g[live])), 1e-6)
oracle_add(o, "stationarity_11", strata(table(droplevels(f[live]), when[live], g[live])), 1e-6)
who <- rep(seq_len(nrow(S)), 11); odd <- ifelse(who %% 2 == 1, "odd", "even")
oracle_add(o, "segments", strata(table(droplevels(f[live]), odd[live], g[live])), 1e-6, source = "odd and even rows of the file")
# Beta marginals
for (i in tr) for (j in st) { a <- cm[i, j] + 1 / 6; b <- sum(cm[i, ]) - cm[i, j] + 5 / 6; if (cm[i, j] > 0) oracle_add(o, paste("interval", i, j, sep = "."), c(low = qbeta(.025, a, b), high = qbeta(.975, a, b)), 1e-9) else oracle_add(o, paste("interval", i, j, "high", sep = "."), qbeta(.975, a, b), 1e-9) }
# slopes
R <- c(40, 120, 300, 650, 900, 0); d <- .03; n12 <- as.numeric(table(factor(S[, 12], st))); n12[6] <- 0
oracle_add(o, "customers_q12", setNames(n12, st), 0)
A <- function(M) M / (1 + d); moved <- function(i, j, e) { M <- P; M[i, j] <- M[i, j] + e; M[i, "gone"] <- M[i, "gone"] - e; M }
Vinf <- function(M) solve(diag(6) - A(M), R); VT <- function(M, T) { v <- R; for (t in seq_len(T)) v <- R + A(M) %*% v; v }
Vlast <- function(M, L) { v <- Vinf(P); for (t in seq_len(L)) v <- R + A(M) %*% v; v }
ways <- list(forever = Vinf, horizon8 = function(M) VT(M, 8), lasting4 = function(M) Vlast(M, 4), horizon8_lasting4 = function(M) { v <- VT(P, 4); for (t in 1:4) v <- R + A(M) %*% v; v })
slope <- sapply(names(ways), function(w) sapply(1:4, function(i) grad(function(e) sum(n12 * ways[[w]](moved(tr[i], tr[i + 1], e))), 0)))
rownames(slope) <- paste(tr[1:4], tr[2:5], sep = "."); oracle_add(o, "slope", slope, 1e-6, "rel")
own <- sapply(1:4, function(i) grad(function(e) Vinf(moved(tr[i], tr[i + 1], e))[i], 0)); oracle_add(o, "slope_own", setNames(own, rownames(slope)), 1e-6, "rel", source = "value of one customer who stands on the stage")
stay <- grad(function(e) { M <- P; M["regular", "partner"] <- M["regular", "partner"] + e; M["regular", "regular"] <- M["regular", "regular"] - e; sum(n12 * Vinf(M)) }, 0); oracle_add(o, "slope_donor_stay.regular.partner", stay, 1e-6, "rel")
# budget
B <- 20000; k <- 3000; reach <- .01; s <- slope[, "forever"]
gain <- function(e) sum(s * reach * (1 - exp(-e / k))); z <- rep(B / 4 - 1, 4)
fit <- constrOptim(z, function(e) -gain(e), function(e) -s * reach / k * exp(-e / k), ui = rbind(diag(4), -1), ci = c(rep(0, 4), -B), control = list(reltol = 1e-15, maxit = 10000), outer.eps = 1e-12, outer.iterations = 500, mu = 1e-7)
oracle_add(o, "budget.spend", setNames(fit$par, rownames(slope)), 2, "abs", source = "constrOptim; the barrier keeps it off the exact optimum by a little"); oracle_add(o, "budget.gain", gain(fit$par), 1e-5, "rel")
water <- function(l) k * pmax(0, log(s * reach / k / l)); lam <- uniroot(function(l) sum(water(l)) - B, c(1e-6, max(s * reach / k)), tol = 1e-14)$root; exact <- water(lam); stopifnot(max(abs(exact - fit$par)) < 2); oracle_add(o, "budget.last_unit", lam, 1e-6, "rel", source = "uniroot on the value of the last unit; spending agrees with constrOptim")
even <- gain(rep(B / 4, 4)); oracle_add(o, "budget.gain_even", even, 1e-6, "rel")
gained <- reach * (1 - exp(-exact / k)); M <- P; for (i in 1:4) { M[i, i + 1] <- M[i, i + 1] + gained[i]; M[i, 6] <- M[i, 6] - gained[i] }
oracle_add(o, "budget.gain_anew", sum(n12 * (Vinf(M) - Vinf(P))), 1e-6, "rel")
oracle_write(o, .here); print(slope); print(round(fit$par)); print(exact); print(even)
