# Calls for a target, uncertain rates, intervals of a funnel, contacts under a budget.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
o <- oracle_new("funnel_contacts", "Binomial plans of calls, chains of beta-binomials, Wilson and MOVER intervals, and an allocation of contacts",
  data = list(list(file = "cells.csv", n = 6, p = 7, source = "own numbers in make.R", licence = "free to use with the project")),
  reference = list(R = R.version.string))
# --- rates known: the smallest N by qbinom's search on pbinom ---
needed <- function(k, p, g) { n <- k; while (pbinom(k - 1, n, p, lower.tail = FALSE) < g) n <- n + 1; n }
plans <- list(cited = list(p = 0.5 * 0.1 * 0.25, k = 10), one_step = list(p = 0.3, k = 1), large = list(p = 0.04 * 0.5, k = 60))
for (name in names(plans)) { one <- plans[[name]]
  for (g in c(0.8, 0.9, 0.95)) oracle_add(o, sprintf("known.%s.needed.%g", name, 100 * g), needed(one$k, one$p, g), 0)
  for (n in c(30, 800, 3000)) { oracle_add(o, sprintf("known.%s.chance.%d", name, n), pbinom(one$k - 1, n, one$p, lower.tail = FALSE), 1e-12)
    oracle_add(o, sprintf("known.%s.sales_low.%d", name, n), qbinom(0.025, n, one$p), 0); oracle_add(o, sprintf("known.%s.sales_high.%d", name, n), qbinom(0.975, n, one$p), 0) } }
# --- rates uncertain: every call goes through a chain of beta-binomials, summed exactly ---
bb <- function(j, n, a, b) exp(lchoose(n, j) + lbeta(j + a, n - j + b) - lbeta(a, b))
chances <- function(x, m, k, top) { v <- as.numeric(0:top >= k)
  for (s in rev(seq_along(x))) { a <- x[s] + 0.5; b <- m[s] - x[s] + 0.5; w <- numeric(top + 1)
    for (n in 0:top) w[n + 1] <- sum(bb(0:n, n, a, b) * v[1:(n + 1)]); v <- w }
  v }
cases <- list(log = list(x = c(400, 40, 10), m = c(800, 400, 40), k = 10, top = 1700, at = c(100, 400, 800)),
              thin = list(x = c(3, 1), m = c(6, 5), k = 4, top = 400, at = c(20, 100, 400)),
              none = list(x = c(0, 5), m = c(20, 10), k = 1, top = 400, at = c(20, 100, 400)))
for (name in names(cases)) { one <- cases[[name]]; v <- chances(one$x, one$m, one$k, one$top)
  for (n in one$at) oracle_add(o, sprintf("uncertain.%s.chance.%d", name, n), v[n + 1], 1e-9, source = "sums of beta-binomials")
  if (name == "log") for (g in c(0.8, 0.9, 0.95)) oracle_add(o, sprintf("uncertain.log.needed.%g", 100 * g), which(v >= g)[1] - 1, 0) }
# --- intervals: Wilson by prop.test, the product by MOVER on the log scale ---
x <- c(400, 40, 10); m <- c(800, 400, 40); ends <- sapply(1:3, function(i) prop.test(x[i], m[i], correct = FALSE)$conf.int)
oracle_add(o, "rates.low", setNames(ends[1, ], c("call", "offer", "meeting")), 1e-9, source = "prop.test(correct = FALSE)")
oracle_add(o, "rates.high", setNames(ends[2, ], c("call", "offer", "meeting")), 1e-9)
p <- x / m; oracle_add(o, "through.low", exp(sum(log(p)) - sqrt(sum((log(p) - log(ends[1, ]))^2))), 1e-9, source = "Zou & Donner on logs")
oracle_add(o, "through.high", exp(sum(log(p)) + sqrt(sum((log(ends[2, ]) - log(p))^2))), 1e-9)
# --- days: quantiles of type 7 and order statistics by binomial ranks ---
days <- c(1, 2, 2, 3, 5, 5, 6, 8, 9, 11, 12, 15, 20, 22, 30, 31, 40, 41, 55, 70)
for (q in c(0.5, 0.9)) { n <- length(days); lo <- qbinom(0.025, n, q); hi <- qbinom(0.975, n, q) + 1
  oracle_add(o, sprintf("days.%g.value", 100 * q), quantile(days, q, names = FALSE), 1e-12)
  if (hi <= n) { oracle_add(o, sprintf("days.%g.low", 100 * q), days[lo], 0); oracle_add(o, sprintf("days.%g.high", 100 * q), days[hi], 0) } }
# --- contacts: the price of money by uniroot, and money handed out step by step ---
cells <- data.frame(segment = rep(c("A", "B", "C"), each = 2), kind = rep(c("visit", "call"), 3), clients = c(20, 20, 100, 100, 500, 500),
  cost = c(90, 8, 90, 8, 90, 8), reach = c(0.5, 0.3, 0.4, 0.2, 0.1, 0.08), saturation = c(3, 4, 2.5, 3, 2, 2), value = c(4000, 4000, 900, 900, 250, 250))
write.csv(cells, file.path(D, "cells.csv"), row.names = FALSE)
first <- cells$value * cells$reach / cells$saturation
k_at <- function(l) pmax(0, cells$saturation * log(first / ((1 + l) * cells$cost)))
spent <- function(k) sum(cells$clients * cells$cost * k)
net <- function(k) sum(cells$clients * cells$value * cells$reach * (1 - exp(-k / cells$saturation))) - spent(k)
for (cap in c(2000, 6000, 1e6)) { l <- if (spent(k_at(0)) <= cap) 0 else uniroot(function(l) spent(k_at(l)) - cap, c(0, 100), tol = 1e-14)$root
  k <- k_at(l); names(k) <- paste(cells$segment, cells$kind, sep = "_"); id <- sprintf("contacts.%d", cap)
  oracle_add(o, paste0(id, ".contacts"), k, 1e-6); oracle_add(o, paste0(id, ".net"), net(k), 1e-6, "rel"); oracle_add(o, paste0(id, ".price"), l, 1e-6)
  # money handed out in steps of a twenty thousandth of the cap, each to the cell where it brings most
  if (cap < 1e6) { money <- numeric(6); step <- cap / 20000; unit <- cells$clients * cells$cost
    brings <- function(m) cells$clients * cells$value * cells$reach * (1 - exp(-m / unit / cells$saturation))
    for (i in 1:20000) { g <- brings(money + step) - brings(money); j <- which.max(g); money[j] <- money[j] + step }
    oracle_add(o, paste0(id, ".net_by_steps"), net(money / unit), 1e-5, "rel", source = "money handed out step by step") } }
oracle_write(o, D)
