# Worths of rankings and best-worst choices as exploded logits (survival::clogit).  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(survival))
set.seed(11)
items <- c("price", "quality", "speed", "service"); u <- c(0.8, 0.5, -0.2, -1.1); k <- 4
gumbel <- function(n) -log(-log(runif(n)))
# 60 people of 24 firms rank four items; each firm shifts the worths; some rank only the first two
firm <- sort(sample(rep_len(1:24, 60))); shift <- matrix(rnorm(24 * k, 0, 0.5), 24)
R <- t(sapply(1:60, function(i) rank(-(u + shift[firm[i], ] + gumbel(k))))); colnames(R) <- items
R[R > 2 & matrix(rep(1:60 %in% sample(60, 15), k), 60)] <- NA
w <- round(runif(60, 0.5, 2.5), 2)
ranks <- data.frame(firm = paste0("F", firm), weight = w, R); write.csv(ranks, file.path(D, "rankings.csv"), row.names = FALSE, na = "")
# 60 people x 3 tasks of three items
T <- do.call(rbind, lapply(1:60, function(i) do.call(rbind, lapply(1:3, function(t) {
  s <- sample(k, 3); b <- s[which.max(u[s] + shift[firm[i], s] + gumbel(3))]; r <- setdiff(s, b)
  x <- r[which.max(-(u[r] + shift[firm[i], r]) + gumbel(2))]
  data.frame(person = i, firm = paste0("F", firm[i]), weight = w[i], shown_1 = items[s[1]], shown_2 = items[s[2]], shown_3 = items[s[3]], best = items[b], worst = items[x]) }))))
write.csv(T, file.path(D, "tasks.csv"), row.names = FALSE)
o <- oracle_new("rank_worths", "Plackett-Luce worths of partial rankings and worths of best-worst choices, weighted, with firms as clusters",
  data = list(list(file = "rankings.csv", n = 60, p = 6, source = "own simulation in make.R", licence = "free to use with the project"), list(file = "tasks.csv", n = 180, p = 8, source = "own simulation in make.R", licence = "free to use with the project")),
  reference = list(R = R.version.string, survival = as.character(packageVersion("survival"))))
# One row an available item of each choice set; x[, item] is the sign of the choice.
rows <- list(); set <- 0
add <- function(avail, chosen, sign, cl, wt) { set <<- set + 1; X <- matrix(0, length(avail), k, dimnames = list(NULL, items)); X[cbind(seq_along(avail), avail)] <- sign
  rows[[set]] <<- data.frame(set = set, y = as.integer(avail == chosen), cl = cl, wt = wt, X) }
for (i in 1:60) { left <- 1:k; for (r in order(R[i, ], na.last = NA)) { if (length(left) > 1) add(left, r, 1, ranks$firm[i], w[i]); left <- setdiff(left, r) } }
PL <- do.call(rbind, rows); rows <- list(); set <- 0
for (j in 1:nrow(T)) { s <- match(unlist(T[j, c("shown_1", "shown_2", "shown_3")]), items); b <- match(T$best[j], items); x <- match(T$worst[j], items)
  add(s, b, 1, T$firm[j], T$weight[j]); add(setdiff(s, b), x, -1, T$firm[j], T$weight[j]) }
BW <- do.call(rbind, rows)
pin <- function(name, d, weighted) {
  d$time <- 2 - d$y; wt <- if (weighted) d$wt else rep(1, nrow(d)); d$wt <- wt
  f <- coxph(Surv(time, y) ~ quality + speed + service + strata(set) + cluster(cl), data = d, weights = wt, ties = "breslow", control = coxph.control(eps = 1e-11, toler.chol = 1e-13, iter.max = 50))
  b <- c(price = 0, coef(f)); V <- rbind(0, cbind(0, f$var)); C <- diag(k) - 1 / k; lw <- drop(C %*% b); names(lw) <- items
  n <- length(unique(d$cl)); VC <- C %*% V %*% t(C) * n / (n - 1); s <- exp(lw) / sum(exp(lw)); names(s) <- items
  se <- sqrt(diag(VC)); names(se) <- items
  oracle_add(o, paste0(name, ".log_worth"), lw, 1e-7, source = "survival::coxph, strata = choice set, centred")
  oracle_add(o, paste0(name, ".worth"), s, 1e-7); oracle_add(o, paste0(name, ".log_worth_se"), se, 1e-6, note = "cluster sandwich times n/(n-1), n firms")
  J <- diag(s) - s %*% t(s); sw <- sqrt(diag(J %*% VC %*% J)); names(sw) <- items; oracle_add(o, paste0(name, ".worth_se"), sw, 1e-6) }
pin("rankings.plain", PL, FALSE); pin("rankings.weighted", PL, TRUE); pin("tasks.plain", BW, FALSE); pin("tasks.weighted", BW, TRUE)
oracle_write(o, D)
