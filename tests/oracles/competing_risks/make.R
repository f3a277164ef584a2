# Cumulative incidence by reason with survival and cmprsk, Gray's test.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages({library(survival); library(cmprsk)})
o <- oracle_new("competing_risks", "Aalen-Johansen cumulative incidence by reason, errors, log-log intervals, Gray's test",
  data = list(file = "contracts.csv", n = 240, p = 4, source = "own simulation (made by this script, seed 1988): contracts with three reasons of leaving and three segments, whole months, so with ties"),
  reference = c(list(R = R.version.string), as.list(pkgv("survival", "cmprsk"))),
  notes = list("survfit: several states, conf.type = \"log-log\", infinitesimal-jackknife errors.",
    "cuminc: estimates and Gray's test with rho = 0; its own errors (Aalen's variance) are kept for comparison.",
    "untied: the same contracts with durations made distinct (months + row/1000)."))
set.seed(1988)
n <- 240
segment <- rep(c("small", "medium", "large"), c(110, 80, 50))
rate <- c(small = .07, medium = .05, large = .03)[segment]
why <- c("price", "quality", "staff")
left <- ceiling(rexp(n, rate)); end <- sample(6:36, n, replace = TRUE)
months <- pmin(left, end); event <- as.integer(left <= end)
shares <- list(small = c(.5, .2, .3), medium = c(.3, .4, .3), large = c(.2, .3, .5))
reason <- sapply(segment, function(s) sample(why, 1, prob = shares[[s]]))
reason[event == 0] <- "active"
d <- data.frame(customer = sprintf("K%03d", 1:n), months = months, left = event, reason = reason, segment = segment)
write.csv(d, file.path(D, "contracts.csv"), row.names = FALSE, quote = FALSE)
d$state <- factor(d$reason, levels = c("active", why))
times <- c(3, 6, 12, 24, 30)
put <- function(tag, f) {
  s <- summary(f, times = times, extend = TRUE)
  for (k in why) for (i in seq_along(s$time)) {
    j <- which(s$states == k); key <- paste(tag, k, s$time[i], sep = ".")
    oracle_add(o, paste0(key, ".estimate"), s$pstate[i, j], 1e-10, source = "survfit")
    oracle_add(o, paste0(key, ".std_error"), s$std.err[i, j], 1e-10, source = "survfit")
    if (s$pstate[i, j] == 0) next  # survfit has no interval there
    oracle_add(o, paste0(key, ".low"), s$lower[i, j], 1e-9, source = "survfit conf.type log-log")
    oracle_add(o, paste0(key, ".high"), s$upper[i, j], 1e-9, source = "survfit conf.type log-log")
  }
}
put("all", survfit(Surv(months, state) ~ 1, data = d, id = customer, conf.type = "log-log"))
for (g in unique(segment)) put(g, survfit(Surv(months, state) ~ 1, data = d[d$segment == g, ], id = customer, conf.type = "log-log"))
ci <- cuminc(d$months, d$reason, cencode = "active"); tp <- timepoints(ci, times)
for (k in why) for (t in times) {
  r <- paste("1", k)
  oracle_add(o, paste("cmprsk", k, t, "estimate", sep = "."), tp$est[r, as.character(t)], 1e-10, source = "cmprsk timepoints")
  oracle_add(o, paste("cmprsk", k, t, "variance", sep = "."), tp$var[r, as.character(t)], 1e-10, source = "cmprsk timepoints")
}
gray <- function(tag, time, grp) {
  g <- cuminc(time, d$reason, group = grp, cencode = "active")$Tests
  for (k in why) oracle_add(o, paste("gray", tag, k, sep = "."), c(statistic = g[k, "stat"], df = g[k, "df"], p = g[k, "pv"]), 1e-9, source = "cmprsk cuminc Tests")
}
gray("three", d$months, d$segment)
gray("two", d$months, d$segment == "small")
gray("untied", d$months + seq_len(n) / 1000, d$segment)
oracle_write(o, D)
