# Net promoter scores: intervals from counts, a clustered panel of two waves, and retention.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(survey))
o <- oracle_new("net_promoter", "Net promoter score: Wald, adjusted Wald, score and bootstrap intervals; design-based scores, change, retention",
  data = list(file = "answers.csv", n = "two waves", source = "own simulation (made by this script, seed 2016): firms in three markets, several people a firm, two waves"),
  reference = c(list(R = R.version.string), as.list(pkgv("survey"))),
  notes = list("Score interval: the log-likelihood of the three counts is maximized numerically (optimize) under a fixed difference, the score test inverted with uniroot.",
    "Bootstrap: all outcomes of the trinomial enumerated; the smallest score whose cumulated probability reaches the tail.",
    "Design: svydesign(~firm, strata = ~market, fpc = ~firms_in_market, weights = ~weight); difference of domains by svyby(covmat = TRUE) and svycontrast; t with degf - 1 for a difference.",
    "MOVER (Zou and Donner 2008; Zou 2007) in plain R; its p value by uniroot on the level."))

# --- counts --------------------------------------------------------------------------------------
cells <- list(plain = c(52, 30, 18), few = c(9, 6, 5), all_promoters = c(20, 0, 0), all_passives = c(0, 15, 0), all_detractors = c(0, 0, 8),
  no_detractor = c(11, 4, 0), cavo = c(6, 139, 16), bentur = c(1, 13, 7), large = c(4210, 3105, 2685))
wald <- function(x, z) { n <- sum(x); s <- (x[1] - x[3]) / n; s + c(-1, 1) * z * sqrt(((x[1] + x[3]) / n - s^2) / n) }
adjusted <- function(x, z) { y <- x + c(.75, 1.5, .75); r <- wald(y, z); e <- (x[1] - x[3]) / sum(x); c(min(max(r[1], -1), e), max(min(r[2], 1), e)) }
null_q <- function(x, d) { # likeliest share of detractors where promoters exceed them by d
  lo <- max(0, -d); hi <- (1 - d) / 2
  if (hi - lo < 1e-13) return(lo)
  f <- function(q) { p <- c(q + d, 1 - 2 * q - d, q); p <- pmax(p, 1e-300); sum(ifelse(x > 0, x * log(p), 0)) }
  q <- optimize(f, c(lo, hi), maximum = TRUE, tol = 1e-13)$maximum
  ends <- c(lo, hi); best <- ends[which.max(c(f(lo), f(hi)))]
  if (f(best) >= f(q)) best else q
}
zstat <- function(x, d) { n <- sum(x); q <- null_q(x, d); v <- 2 * q + d - d^2; e <- (x[1] - x[3]) / n - d; if (abs(e) < 1e-15) 0 else e / sqrt(max(v, 1e-300) / n) }
score <- function(x, z) {
  e <- (x[1] - x[3]) / sum(x); g <- 1e-9
  low <- if (e <= -1) -1 else uniroot(function(d) zstat(x, d) - z, c(-1 + g, e), tol = 1e-12)$root
  high <- if (e >= 1) 1 else uniroot(function(d) zstat(x, d) + z, c(e, 1 - g), tol = 1e-12)$root
  c(low, high)
}
for (level in c(.95, .90)) {
  z <- qnorm((1 + level) / 2); tag <- paste0("ci", 100 * level)
  for (name in names(cells)) {
    x <- cells[[name]]; key <- function(m) paste("counts", name, m, tag, sep = ".")
    lh <- function(v) c(low = 100 * v[1], high = 100 * v[2])
    if (min(sum(x > 0), 2) > 1) oracle_add(o, key("wald"), lh(wald(x, z)), 1e-9, source = "base R")
    oracle_add(o, key("adjusted_wald"), lh(adjusted(x, z)), 1e-9, source = "base R")
    oracle_add(o, key("score"), lh(score(x, z)), 2e-4, source = "optimize + uniroot")
  }
}
for (name in names(cells)) { x <- cells[[name]]; n <- sum(x); oracle_add(o, paste("counts", name, "estimate", sep = "."), 100 * (x[1] - x[3]) / n, 1e-9); oracle_add(o, paste("counts", name, "std_error", sep = "."), 100 * sqrt(((x[1] + x[3]) / n - ((x[1] - x[3]) / n)^2) / n), 1e-9) }
boot <- function(x, level) {
  n <- sum(x); g <- expand.grid(a = 0:n, c = 0:n); g <- g[g$a + g$c <= n, ]
  p <- mapply(function(a, c) dmultinom(c(a, n - a - c, c), prob = x / n), g$a, g$c)
  d <- tapply(p, g$a - g$c, sum); s <- as.numeric(names(d)); k <- cumsum(d)
  a <- (1 - level) / 2; 100 * c(low = s[which(k >= a)[1]], high = s[which(k >= 1 - a)[1]]) / n
}
for (name in c("few", "no_detractor", "bentur")) for (level in c(.95, .80))
  oracle_add(o, paste("bootstrap", name, paste0("ci", 100 * level), sep = "."), boot(cells[[name]], level), 1e-9, source = "dmultinom, all outcomes")

# --- change of two independent waves --------------------------------------------------------------
mover <- function(e1, i1, e2, i2, r) { d <- e1 - e2
  lo <- sqrt(max(0, (e1 - i1[1])^2 + (i2[2] - e2)^2 - 2 * r * (e1 - i1[1]) * (i2[2] - e2)))
  hi <- sqrt(max(0, (i1[2] - e1)^2 + (e2 - i2[1])^2 - 2 * r * (i1[2] - e1) * (e2 - i2[1])))
  c(d - lo, d + hi) }
net <- function(x) (x[1] - x[3]) / sum(x)
pairs <- list(clear = list(c(60, 25, 15), c(35, 30, 35)), open = list(c(12, 5, 3), c(10, 6, 6)), extreme = list(c(20, 0, 0), c(14, 5, 3)))
for (name in names(pairs)) { b <- pairs[[name]][[1]]; a <- pairs[[name]][[2]]; d <- net(a) - net(b); ci <- mover(net(a), score(a, qnorm(.975)), net(b), score(b, qnorm(.975)), 0)
  end <- function(z) { r <- mover(net(a), score(a, z), net(b), score(b, z), 0); if (d > 0) r[1] else r[2] }
  zz <- uniroot(end, c(1e-6, 12), tol = 1e-12)$root
  oracle_add(o, paste("change", name, "score", sep = "."), c(estimate = 100 * d, low = 100 * ci[1], high = 100 * ci[2], z = sign(d) * zz), 5e-4, source = "optimize + uniroot")
  oracle_add(o, paste("change", name, "score.p", sep = "."), 2 * pnorm(-zz), 1e-6, source = "optimize + uniroot")
  y <- a + c(.375, .75, .375); x <- b + c(.375, .75, .375); w <- function(x) ((x[1] + x[3]) / sum(x) - net(x)^2) / sum(x); se <- sqrt(w(y) + w(x)); e <- net(y) - net(x)
  oracle_add(o, paste("change", name, "adjusted_wald", sep = "."), c(estimate = 100 * d, low = 100 * (e - qnorm(.975) * se), high = 100 * (e + qnorm(.975) * se), z = e / se, p = 2 * pnorm(-abs(e / se))), 1e-9, source = "base R")
}
for (name in names(pairs)[1:2]) { b <- pairs[[name]][[1]]; a <- pairs[[name]][[2]]; v <- function(x) ((x[1] + x[3]) / sum(x) - net(x)^2) / sum(x)
  se <- sqrt(v(a) + v(b)); d <- net(a) - net(b)
  oracle_add(o, paste("change", name, "wald", sep = "."), c(estimate = 100 * d, se = 100 * se, low = 100 * (d - qnorm(.975) * se), high = 100 * (d + qnorm(.975) * se), z = d / se, p = 2 * pnorm(-abs(d / se))), 1e-8, source = "base R") }

# --- a clustered panel ----------------------------------------------------------------------------
set.seed(2016)
frame <- data.frame(market = c("A", "B", "C"), firms_in_market = c(60, 45, 90), firms = c(18, 15, 20))
rows <- list()
for (i in 1:3) for (f in seq_len(frame$firms[i])) {
  firm <- sprintf("%s%02d", frame$market[i], f); u <- rnorm(1, 0, 1.3); people <- sample(1:4, 1)
  for (w in 1:2) for (k in seq_len(people)) if (runif(1) < .75) {
    latent <- 8.1 - .9 * (w - 1) + .5 * (i - 2) + u + rnorm(1, 0, 1.7); x <- pmin(pmax(round(latent), 0), 10)
    rows[[length(rows) + 1]] <- data.frame(firm, market = frame$market[i], firms_in_market = frame$firms_in_market[i], weight = round(frame$firms_in_market[i] / frame$firms[i] * people, 3),
      wave = paste0("w", w), recommend = ifelse(runif(1) < .04, NA, x), stayed = as.integer(runif(1) < plogis(-2.1 + .45 * x)))
  }
}
a <- do.call(rbind, rows); write.csv(a, file.path(D, "answers.csv"), row.names = FALSE, quote = FALSE, na = "")
o$doc$data$n <- nrow(a)
a$s <- 100 * (a$recommend >= 9) - 100 * (a$recommend <= 6)
a$p <- as.numeric(a$recommend >= 9); a$d <- as.numeric(a$recommend <= 6)
full <- svydesign(~firm, strata = ~market, fpc = ~firms_in_market, weights = ~weight, data = a)
clus <- svydesign(~firm, weights = ~1, data = a)
few <- svydesign(~1, weights = ~1, data = a)
for (nm in c("full", "cluster")) {
  des <- if (nm == "full") full else clus
  for (w in c("all", "w1", "w2")) {
    sub <- if (w == "all") subset(des, !is.na(recommend)) else subset(des, wave == w & !is.na(recommend))
    m <- svymean(~s, sub); ci <- confint(m, df = degf(sub))
    oracle_add(o, paste("design", nm, w, sep = "."), c(estimate = coef(m)[[1]], se = SE(m)[[1]], df = degf(sub), low = ci[1], high = ci[2],
      promoters = coef(svymean(~p, sub))[[1]], detractors = coef(svymean(~d, sub))[[1]]), 1e-7, source = "svymean")
  }
  ok <- subset(des, !is.na(recommend)); by <- svyby(~s, ~wave, ok, svymean, covmat = TRUE)
  k <- svycontrast(by, c(w1 = -1, w2 = 1)); df <- degf(ok) - 1; e <- coef(k)[[1]]; se <- SE(k)[[1]]
  oracle_add(o, paste("panel", nm, sep = "."), c(estimate = e, se = se, low = e - qt(.975, df) * se, high = e + qt(.975, df) * se, t = e / se, df = df, p = 2 * pt(-abs(e / se), df),
    rho = vcov(by)[1, 2] / prod(SE(by))), 1e-7, source = "svyby + svycontrast")
  g <- svyglm(s ~ wave, ok); oracle_add(o, paste("panel", nm, "svyglm", sep = "."), c(estimate = coef(g)[[2]], se = SE(g)[[2]]), 1e-7, source = "svyglm")
}
# --- retention ------------------------------------------------------------------------------------
known <- a[!is.na(a$recommend), ]; known$cat <- sign(known$s)
x <- tapply(known$stayed, known$cat, sum); n <- tapply(known$stayed, known$cat, length)
t <- prop.trend.test(x, n); names <- c("detractors", "passives", "promoters")
for (i in 1:3) { ci <- prop.test(x[i], n[i], correct = FALSE)$conf.int; oracle_add(o, paste("retention", names[i], sep = "."), c(estimate = x[[i]] / n[[i]], low = ci[1], high = ci[2], n = n[[i]]), 1e-9, source = "prop.test") }
oracle_add(o, "retention.trend", c(chi2 = unname(t$statistic), df = unname(t$parameter), p = t$p.value, slope = coef(lm(stayed ~ cat, known))[[2]]), 1e-9, source = "prop.trend.test; lm")
w1 <- prop.test(x[3], n[3], correct = FALSE)$conf.int; w2 <- prop.test(x[1], n[1], correct = FALSE)$conf.int
dif <- mover(x[[3]] / n[[3]], w1, x[[1]] / n[[1]], w2, 0)
oracle_add(o, "retention.difference", c(estimate = x[[3]] / n[[3]] - x[[1]] / n[[1]], low = dif[1], high = dif[2]), 1e-9, source = "prop.test, Newcombe's hybrid")
a$cat <- sign(a$s); des <- svydesign(~firm, strata = ~market, fpc = ~firms_in_market, weights = ~weight, data = a); ok <- subset(des, !is.na(recommend))
g <- svyglm(stayed ~ cat, ok); df <- degf(ok) - 1
oracle_add(o, "retention.design", c(slope = coef(g)[[2]], se = SE(g)[[2]], t = coef(g)[[2]] / SE(g)[[2]], df = df, p = 2 * pt(-abs(coef(g)[[2]] / SE(g)[[2]]), df)), 1e-8, source = "svyglm")
by <- svyby(~stayed, ~cat, ok, svymean, covmat = TRUE); k <- svycontrast(by, c(-1, 0, 1))
oracle_add(o, "retention.design_difference", c(estimate = coef(k)[[1]], se = SE(k)[[1]]), 1e-8, source = "svyby + svycontrast")
oracle_write(o, D)
