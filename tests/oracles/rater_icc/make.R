# Intraclass correlations of raters with psych, and a nested, unbalanced design by lm.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages(library(psych))
o <- oracle_new("rater_icc", "Intraclass correlations of Shrout and Fleiss with F tests and intervals",
  data = list(file = "shops.csv", n = 12, p = 5, source = "own simulation (made by this script, seed 1979): twelve shops rated by five visitors"),
  reference = c(list(R = R.version.string), as.list(pkgv("psych"))),
  notes = list("psych::ICC(lmer = FALSE): mean squares of aov; 95 % and 90 % intervals.",
    "unbalanced: shops.csv with the last visitor's rating of the odd shops and the fourth's of the first three left out; one-way mean squares of lm, k = (N - sum n^2 / N) / (shops - 1)."))
set.seed(1979)
n <- 12; k <- 5
x <- outer(rnorm(n, 0, 1.1), rnorm(k, 0, .5), "+") + matrix(rnorm(n * k, 0, .8), n) + 3
x <- pmin(pmax(round(x), 1), 5); colnames(x) <- paste0("visitor_", 1:k)
long <- data.frame(shop = rep(paste0("S", sprintf("%02d", 1:n)), k), visitor = rep(colnames(x), each = n), rating = as.vector(x))
write.csv(long, file.path(D, "shops.csv"), row.names = FALSE, quote = FALSE)
names <- c("icc_1_1", "icc_2_1", "icc_3_1", "icc_1_k", "icc_2_k", "icc_3_k")
for (level in c(.95, .90)) {
  r <- ICC(x, lmer = FALSE, alpha = 1 - level)$results; tag <- paste0("ci", 100 * level)
  for (i in 1:6) {
    oracle_add(o, paste(names[i], tag, sep = "."), c(low = r[i, "lower bound"], high = r[i, "upper bound"]), 1e-9, source = "psych ICC()")
    if (level == .95) oracle_add(o, names[i], c(estimate = r[i, "ICC"], F = r[i, "F"], df1 = r[i, "df1"], df2 = r[i, "df2"], p = r[i, "p"]), 1e-9, source = "psych ICC()")
  }
}
odd <- as.integer(substr(long$shop, 2, 3)) %% 2 == 1
keep <- !(long$visitor == "visitor_5" & odd) & !(long$visitor == "visitor_4" & long$shop %in% c("S01", "S02", "S03"))
part <- long[keep, ]; a <- anova(lm(rating ~ shop, part)); s <- table(part$shop); N <- sum(s); k0 <- (N - sum(s^2) / N) / (n - 1)
b <- a["shop", "Mean Sq"]; w <- a["Residuals", "Mean Sq"]
oracle_add(o, "unbalanced", c(estimate = (b - w) / (b + (k0 - 1) * w), k = k0, F = b / w, df1 = a["shop", "Df"], df2 = a["Residuals", "Df"], p = a["shop", "Pr(>F)"]), 1e-9, source = "lm + anova, Donner (1986) k")
oracle_write(o, D)
