# Penalty-reward contrasts: dummies for low and high answers, lm and survey::svyglm (R 4.2, survey).
# Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here(); suppressPackageStartupMessages(library(survey))
set.seed(20080901)
market <- rep(c("north", "south", "west"), c(22, 30, 28)); N <- c(north = 60, south = 75, west = 90)
firms <- data.frame(firm = sprintf("F%02d", 1:80), market = market, mood = rnorm(80, 0, .5), tonnes = round(exp(rnorm(80, 6, .5))), people = sample(2:5, 80, TRUE))
x <- firms[rep(1:80, firms$people), ]; n <- nrow(x)
x$N_firms <- N[x$market]; x$w <- round(x$N_firms / table(market)[x$market] * x$tonnes / x$people, 4)
general <- x$mood + rnorm(n, 0, .6); five <- function(m) pmin(pmax(round(m + general + rnorm(n, 0, .7)), 1), 5)
x$quality <- five(3.6); x$delivery <- five(3.3); x$service <- five(3.4); x$claims <- five(2.8)
x$speed <- pmin(pmax(round(5.6 + 2 * general + rnorm(n, 0, 1.4)), 1), 10)
y <- 3.6 + .5 * x$mood - 1.1 * (x$quality <= 2) + .1 * (x$quality == 5) - .1 * (x$delivery <= 2) + .9 * (x$delivery == 5) - .5 * (x$service <= 2) + .5 * (x$service == 5) - .6 * (x$speed <= 4) + .3 * (x$speed >= 9)
x$overall <- pmin(pmax(round(y + rnorm(n, 0, .6)), 1), 5)
for (v in c("quality", "service", "overall")) x[[v]][sample(n, 6)] <- NA
x <- x[, c("firm", "market", "N_firms", "w", "quality", "delivery", "service", "claims", "speed", "overall")]
write.csv(x, file.path(D, "responses.csv"), row.names = FALSE, na = "")
x <- read.csv(file.path(D, "responses.csv"))
o <- oracle_new("penalty_reward", "Penalty-reward contrasts: regression on dummies of low and high answers, plain and under a survey design",
  data = list(file = "responses.csv", n = nrow(x), p = ncol(x), firms = 80, missing = sum(is.na(x)), source = "own simulation in make.R", licence = "own work, free to use with the project"),
  reference = c(list(R = R.version.string), as.list(pkgv("survey"))),
  notes = list("Low: 1-2 of five answers, 1-4 of ten; high: 5 of five, 9-10 of ten. Complete rows.",
    "design: strata market, clusters firm, weights w, population N_firms; srs: every row alike.",
    "asymmetry = (reward + penalty)/(reward - penalty), clipped to [-1, 1]; its ends are where (reward + penalty) - theta (reward - penalty) is just t standard errors from 0 (svycontrast and uniroot), clipped."))
items <- c("quality", "delivery", "service", "claims", "speed"); wide <- items == "speed"
for (i in seq_along(items)) { x[[paste0(items[i], "_low")]] <- as.numeric(x[[items[i]]] <= if (wide[i]) 4 else 2); x[[paste0(items[i], "_high")]] <- as.numeric(x[[items[i]]] >= if (wide[i]) 9 else 5) }
terms <- as.vector(rbind(paste0(items, "_low"), paste0(items, "_high"))); f <- as.formula(paste("overall ~", paste(terms, collapse = " + ")))
full <- complete.cases(x[, c("overall", items)])
designs <- list(design = svydesign(id = ~firm, strata = ~market, weights = ~w, fpc = ~N_firms, data = x), srs = svydesign(id = ~1, weights = ~rep(1, nrow(x)), data = x))
for (name in names(designs)) {
  d <- subset(designs[[name]], full); m <- svyglm(f, d); nu <- m$df.residual; q <- qt(.975, nu); s <- coef(summary(m)); ci <- confint(m, ddf = nu)
  x$now <- if (name == "srs") 1 else x$w; l <- lm(f, data = x[full, ], weights = now); stopifnot(max(abs(coef(l) - coef(m))) < 1e-9)
  oracle_add(o, paste0(name, ".r_squared"), summary(l)$r.squared, 1e-9, source = "summary(lm(weights = w))$r.squared")
  oracle_add(o, paste0(name, ".df"), nu, 0, source = "svyglm df.residual"); oracle_add(o, paste0(name, ".n"), sum(full), 0)
  adjusted <- p.adjust(s[terms, 4], "holm")
  for (i in items) {
    pair <- paste0(i, c("_low", "_high"))
    for (k in 1:2) { t1 <- pair[k]; oracle_add(o, paste(name, i, c("penalty", "reward")[k], sep = "."), c(estimate = s[t1, 1], std_error = s[t1, 2], statistic = s[t1, 3], p_value = s[t1, 4], p_adjusted = unname(adjusted[t1]), ci_low = ci[t1, 1], ci_high = ci[t1, 2], numerator = sum(x[full, t1])), 1e-8, "rel", source = "svyglm; p.adjust holm") }
    contrast <- function(a, b) { z <- svycontrast(m, setNames(list(setNames(c(a, b), pair)), "z")); c(coef(z), SE(z)) }
    r <- contrast(-1, 1); oracle_add(o, paste(name, i, "range", sep = "."), c(estimate = r[[1]], std_error = r[[2]], ci_low = r[[1]] - q * r[[2]], ci_high = r[[1]] + q * r[[2]]), 1e-8, "rel", source = "svycontrast")
    if (r[[1]] - q * r[[2]] > 0) {
      ia <- sum(coef(m)[pair]) / r[[1]]
      g <- function(theta) { z <- contrast(1 + theta, 1 - theta); abs(z[[1]]) / z[[2]] - q }
      low <- uniroot(g, c(ia - 20, ia), tol = 1e-13)$root; high <- uniroot(g, c(ia, ia + 20), tol = 1e-13)$root
      cut <- function(v) max(min(v, 1), -1)
      oracle_add(o, paste(name, i, "asymmetry", sep = "."), c(estimate = cut(ia), ci_low = cut(low), ci_high = cut(high)), 1e-7, source = "svycontrast, uniroot")
    }
  }
}
oracle_write(o, D)
