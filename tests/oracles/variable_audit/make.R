# Association, agreement and redundancy of candidate variables.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages({library(psych); library(effectsize); library(vcd)})
set.seed(20130401)
n <- 240
seg <- sample(1:3, n, TRUE, c(.5, .3, .2))
other <- function(x, k, p) ifelse(runif(n) < p, x, sample(1:k, n, TRUE))
industry <- c("car", "pipe", "tool", "trade")[other(seg, 4, .7)]
use <- c("cold", "hot", "plate")[other(seg, 3, .5)]
region <- sample(c("n", "s"), n, TRUE)
size <- round(10 + 6 * seg + rnorm(n, 0, 4), 2)
depth <- round(3 + 0.5 * size + rnorm(n, 0, 3), 2)
years <- round(rexp(n, .2), 2)
orders <- rpois(n, 4 * seg)
d <- data.frame(industry, use, region, size, depth, years, orders,
  industry_second = ifelse(runif(n) < .8, industry, sample(c("car", "pipe", "tool", "trade"), n, TRUE)),
  size_second = round(size + 1 + rnorm(n, 0, 2), 2), grade = other(seg, 3, .8), grade_second = other(seg, 3, .8))
d$industry[c(3, 40, 77)] <- NA; d$industry_second[c(5, 77, 120, 200)] <- NA
d$size[c(10, 99)] <- NA; d$size_second[c(11, 99)] <- NA; d$depth[50] <- NA
write.csv(d, file.path(D, "firms.csv"), row.names = FALSE, na = "")
d <- read.csv(file.path(D, "firms.csv"), na.strings = "")
o <- oracle_new("variable_audit", "Bias-corrected Cramer's V, omega squared, adjusted r squared, Cohen's kappa with its standard error, ICC(A,1), variance inflation",
  data = list(file = "firms.csv", n = n, source = "simulated in make.R, set.seed(20130401)", licence = "own work"),
  reference = c(list(R = R.version.string), as.list(pkgv("psych", "effectsize", "vcd"))),
  notes = list("Every pair on the rows that have both values; variance inflation on the rows that have all three."))
for (p in list(c("industry", "use"), c("industry", "region"), c("use", "region"))) {
  t <- table(d[[p[1]]], d[[p[2]]]); m <- sum(t); r <- nrow(t); k <- ncol(t)
  phi <- suppressWarnings(chisq.test(t, correct = FALSE))$statistic[[1]] / m - (r - 1) * (k - 1) / (m - 1)
  v2 <- phi / (min(r - (r - 1)^2 / (m - 1), k - (k - 1)^2 / (m - 1)) - 1)
  key <- paste(p, collapse = ".")
  oracle_add(o, paste0("v_squared.", key), v2, 1e-10, source = "Bergsma (2013) from chisq.test, not cut at 0")
  oracle_add(o, paste0("v.", key), suppressWarnings(cramers_v(t, adjust = TRUE, ci = NULL))[[1]], 1e-8, source = "effectsize cramers_v(adjust = TRUE)")
}
for (g in c("industry", "use", "region")) for (y in c("orders", "size", "years")) {
  e <- d[!is.na(d[[g]]) & !is.na(d[[y]]), ]
  a <- anova(lm(e[[y]] ~ factor(e[[g]]))); ss <- a[["Sum Sq"]]; ms <- a[["Mean Sq"]][2]
  oracle_add(o, paste("omega_squared", g, y, sep = "."), (ss[1] - a$Df[1] * ms) / (sum(ss) + ms), 1e-10, source = "anova(lm), not cut at 0")
  w <- omega_squared(aov(e[[y]] ~ factor(e[[g]])), partial = FALSE, ci = NULL)
  oracle_add(o, paste("omega_squared_cut", g, y, sep = "."), w$Omega2[1], 1e-8, source = "effectsize omega_squared")
}
for (p in list(c("size", "depth"), c("size", "years"), c("years", "orders")))
  oracle_add(o, paste0("r_squared.", paste(p, collapse = ".")), summary(lm(d[[p[1]]] ~ d[[p[2]]]))$adj.r.squared, 1e-10, source = "lm adj.r.squared")
e <- na.omit(d[, c("size", "depth", "years")])
for (v in names(e)) oracle_add(o, paste0("vif.", v), 1 / (1 - summary(lm(reformulate(setdiff(names(e), v), v), e))$r.squared), 1e-8, source = "1 / (1 - R2) of lm on the other two")
kap <- function(id, x, levels, weighted) {
  x <- na.omit(x); k <- cohen.kappa(data.frame(factor(x[[1]], levels), factor(x[[2]], levels)))
  src <- "psych cohen.kappa"
  oracle_add(o, paste0(id, ".kappa"), k$kappa, 1e-10, source = src); oracle_add(o, paste0(id, ".std_error"), sqrt(k$var.kappa), 1e-10, source = paste(src, "var.kappa (Fleiss, Cohen & Everitt 1969)"))
  oracle_add(o, paste0(id, ".ci_low"), k$kappa - qnorm(.975) * sqrt(k$var.kappa), 1e-10, source = "normal interval"); oracle_add(o, paste0(id, ".ci_high"), k$kappa + qnorm(.975) * sqrt(k$var.kappa), 1e-10, source = "normal interval")
  if (weighted) { oracle_add(o, paste0(id, ".weighted_kappa"), k$weighted.kappa, 1e-10, source = paste(src, "quadratic weights")); v <- Kappa(table(factor(x[[1]], levels), factor(x[[2]], levels)), weights = "Fleiss-Cohen")
    oracle_add(o, paste0(id, ".weighted_std_error"), v$Weighted[["ASE"]], 1e-10, source = "vcd Kappa(weights = \"Fleiss-Cohen\")", note = "psych var.weighted differs: it weighs the rows by their own shares") }
  oracle_add(o, paste0(id, ".n"), nrow(x), 0, source = "pairs")
}
kap("industry", d[, c("industry", "industry_second")], c("car", "pipe", "tool", "trade"), FALSE)
kap("grade", d[, c("grade", "grade_second")], 1:3, TRUE)
i <- ICC(na.omit(d[, c("size", "size_second")]), lmer = FALSE)$results
oracle_add(o, "icc.size", i$ICC[i$type == "ICC2"], 1e-8, source = "psych ICC2, single rater, absolute agreement")
for (v in c("industry", "size")) { m <- sum(is.na(d[[v]])); ci <- suppressWarnings(prop.test(m, n, correct = FALSE))$conf.int
  oracle_add(o, paste0("missing.", v), c(estimate = m / n, ci_low = ci[1], ci_high = ci[2]), 1e-10, source = "prop.test(correct = FALSE)") }
oracle_write(o, D)
