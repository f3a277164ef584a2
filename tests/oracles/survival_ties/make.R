# Survival with ties, late entry, groups, strata and clusters.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(survival))
set.seed(20); n <- 240
firm <- sample(60, n, TRUE); plan <- sample(c("monthly", "annual", "flex"), n, TRUE, c(.5, .3, .2))
region <- c("north", "south")[1 + firm %% 2]; price <- round(rnorm(n, 30, 8), 1)
pull <- rnorm(60, 0, .5)[firm]
rate <- .05 * exp(.6 * (plan == "monthly") - .5 * (plan == "annual") + .03 * (price - 30) + pull)
life <- ceiling(rexp(n, rate)); watch <- sample(6:36, n, TRUE)
months <- pmin(life, watch); left <- as.integer(life <= watch)
entry <- ifelse(runif(n) < .5, 0, pmin(months - 1, sample(0:10, n, TRUE)))
d <- data.frame(firm, region, plan, price, tier = match(plan, c("annual", "flex", "monthly")), entry, months, left)
write.csv(d, file.path(D, "contracts.csv"), row.names = FALSE)
d$plan <- factor(d$plan, levels = c("annual", "flex", "monthly"))
o <- oracle_new("survival_ties", "Kaplan-Meier, log-rank and Cox with ties, late entry, strata and clusters",
  data = list(file = "contracts.csv", n = n, events = sum(left), source = "own simulation in make.R"),
  reference = c(list(R = R.version.string), as.list(pkgv("survival"))), notes = list())
plans <- levels(d$plan); S <- Surv(d$months, d$left); L <- Surv(d$entry, d$months, d$left)
at <- c(3, 6, 12, 24, 30)
# Curves, with and without late entry, on three scales.
for (ct in c("log-log", "log", "plain")) {
  k <- summary(survfit(L ~ 1, d, conf.type = ct), times = at)
  for (i in seq_along(at)) oracle_add(o, paste("late", ct, paste0("t", at[i]), sep = "."), c(surv = k$surv[i], se = k$std.err[i], lo = k$lower[i], hi = k$upper[i], n_risk = k$n.risk[i], events = k$n.event[i]), 1e-9)
}
for (ct in c("log-log", "log", "plain")) { f <- survfit(S ~ plan, d, conf.type = ct)
  for (p in plans) { f1 <- survfit(Surv(months, left) ~ 1, d[d$plan == p, ], conf.type = ct)
    q <- quantile(f1, c(.2, .5)); for (j in 1:2) { v <- c(time = q$quantile[[j]], lo = q$lower[[j]], hi = q$upper[[j]]); v <- v[!is.na(v)]; oracle_add(o, paste("quantile", ct, p, c("q20", "q50")[j], sep = "."), v, 1e-9) } } }
# Restricted means and their errors.
for (h in c(12, 24)) { t <- summary(survfit(S ~ plan, d), rmean = h)$table
  for (p in plans) oracle_add(o, paste("rmean", paste0("h", h), p, sep = "."), c(mean = t[paste0("plan=", p), "rmean"], se = t[paste0("plan=", p), "se(rmean)"]), 1e-8) }
t <- summary(survfit(L ~ 1, d), rmean = 24)$table; oracle_add(o, "rmean.late", c(mean = t[["rmean"]], se = t[["se(rmean)"]]), 1e-8)
# Log-rank tests.
lr <- function(id, z) { e <- z$exp; e <- if (is.matrix(e)) rowSums(e) else e; oracle_add(o, id, c(chisq = z$chisq, df = sum(e > 0) - 1), 1e-8) }
lr("logrank.plan", survdiff(S ~ plan, d)); lr("logrank.plan_rho1", survdiff(S ~ plan, d, rho = 1)); lr("logrank.plan_rho0.5", survdiff(S ~ plan, d, rho = .5))
lr("logrank.plan_strata", survdiff(S ~ plan + strata(region), d)); lr("logrank.plan_strata_rho1", survdiff(S ~ plan + strata(region), d, rho = 1))
z <- survdiff(S ~ plan + strata(region), d); oracle_add(o, "logrank.plan_strata.exp", setNames(rowSums(z$exp), plans), 1e-8)
ps <- c(); for (i in 1:2) for (j in (i + 1):3) { s <- d[d$plan %in% plans[c(i, j)], ]; s$plan <- droplevels(s$plan); z <- survdiff(Surv(months, left) ~ plan, s); id <- paste0(plans[i], "_", plans[j])
  oracle_add(o, paste0("pair.", id, ".chisq"), z$chisq, 1e-8); ps[id] <- pchisq(z$chisq, 1, lower = FALSE)
  m <- coxph(Surv(months, left) ~ I(plan == plans[i]), s); oracle_add(o, paste0("pair.", id, ".cox"), c(coef = unname(coef(m)), se = sqrt(m$var[1, 1])), 1e-6)
  m <- coxph(Surv(months, left) ~ I(plan == plans[i]) + strata(region), s); oracle_add(o, paste0("pair_strata.", id, ".cox"), c(coef = unname(coef(m)), se = sqrt(m$var[1, 1])), 1e-6) }
oracle_add(o, "pair.p_holm", p.adjust(ps, "holm"), 1e-9)
# survdiff knows no late entry and no trend: the same sums by a loop over times, checked against survdiff where it applies.
hyper <- function(entry, time, event, g, strata = rep(1, length(g)), a = NULL) {
  k <- nlevels(g); U <- rep(0, k); V <- matrix(0, k, k)
  for (s in unique(strata)) for (t in sort(unique(time[event == 1 & strata == s]))) {
    r <- strata == s & entry < t & time >= t; d <- table(g[r & time == t & event == 1]); m <- table(g[r]); N <- sum(m); D <- sum(d)
    U <- U + d - D * m / N; if (N > 1) V <- V + D * (N - D) / (N - 1) * (diag(as.vector(m / N)) - outer(as.vector(m / N), as.vector(m / N))) }
  if (is.null(a)) drop(t(U[-1]) %*% solve(V[-1, -1], U[-1])) else sum(a * U)^2 / drop(t(a) %*% V %*% a)
}
none <- rep(-1, n)
stopifnot(abs(hyper(none, d$months, d$left, d$plan) - survdiff(S ~ plan, d)$chisq) < 1e-9, abs(hyper(none, d$months, d$left, d$plan, d$region) - survdiff(S ~ plan + strata(region), d)$chisq) < 1e-9)
why <- "loop over times in make.R"; tier <- c(1, 2, 3)
oracle_add(o, "trend.plain", hyper(none, d$months, d$left, d$plan, a = tier), 1e-8, source = why)
oracle_add(o, "trend.strata", hyper(none, d$months, d$left, d$plan, d$region, a = tier), 1e-8, source = why)
oracle_add(o, "logrank.late_plan", hyper(d$entry, d$months, d$left, d$plan), 1e-8, source = why)
oracle_add(o, "trend.late", hyper(d$entry, d$months, d$left, d$plan, a = tier), 1e-8, source = why)
# Cox: labels and a number, late entry, strata, clusters.
models <- list(plain = S ~ plan + price, late = L ~ plan + price, strata = S ~ plan + price + strata(region), late_strata = L ~ plan + price + strata(region))
for (id in names(models)) for (t in c("efron", "breslow")) {
  m <- eval(bquote(coxph(.(models[[id]]), data = d, ties = .(t)))); key <- paste("cox", id, t, sep = "."); nm <- c("flex", "monthly", "price")
  oracle_add(o, paste0(key, ".coef"), setNames(coef(m), nm), 1e-7); oracle_add(o, paste0(key, ".se"), setNames(sqrt(diag(m$var)), nm), 1e-7)
  oracle_add(o, paste0(key, ".loglik"), c(null = m$loglik[1], model = m$loglik[2]), 1e-7)
  oracle_add(o, paste0(key, ".tests"), c(wald = m$wald.test, score = m$score), 1e-6); oracle_add(o, paste0(key, ".concordance"), unname(m$concordance["concordance"]), 1e-9)
  # The sandwich of coxph has no factor m/(m - 1) for the m clusters; it is multiplied in here.
  r <- eval(bquote(coxph(.(models[[id]]), data = d, ties = .(t), cluster = firm))); k <- length(unique(d$firm)); oracle_add(o, paste0(key, ".robust_se"), setNames(sqrt(diag(r$var) * k / (k - 1)), nm), 1e-7)
  zp <- cox.zph(m, transform = "km"); oracle_add(o, paste0(key, ".zph"), setNames(zp$table[, "chisq"], c("plan", "price", "GLOBAL")), 1e-6)
  if (t == "efron") { y <- cox.zph(m, transform = "km", terms = FALSE)$y; oracle_add(o, paste0(key, ".drift"), c(n = nrow(y), sum_price = sum(y[, 3]), sum_sq_price = sum(y[, 3]^2), sum_sq_flex = sum(y[, 1]^2)), 1e-6, type = "rel") }
}
oracle_write(o, D)
