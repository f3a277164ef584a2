# The numbers of docstring examples from R: data and call of each example, in R.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); .libPaths(oracle_lib())
suppressPackageStartupMessages({library(survival); library(MASS); library(markovchain)})
PACKAGES <- c("psych", "survey", "survival", "MASS", "cluster", "mclust", "cmprsk", "markovchain")
o <- oracle_new("docstring_examples", "Numbers of docstring examples, from R",
  data = list(source = "the examples of the docstrings, written out here", licence = "own work, free to use with the project"),
  reference = c(list(R = R.version.string), as.list(pkgv(PACKAGES))),
  notes = list("Keys are floor.function.number; source is the call whose value is kept.",
    "Data are those of the example; test_docstring_examples.py runs the example and compares unrounded numbers."))

# Keeps the value of a call and the call itself as its source, or what is shown in its place.
of <- function(name) { NAME <<- name; invisible() }
same <- function(what, call, tol = 1e-9, shown = NULL) {
  source <- gsub("\\s+", " ", paste(deparse(substitute(call), width.cutoff = 500), collapse = " "))
  value <- as.vector(unname(suppressMessages(suppressWarnings(call))))
  oracle_add(o, paste(NAME, what, sep = "."), value, tol, "rel", source = if (is.null(shown)) source else shown)
}

# ---- survey
of("survey.answer_shares"); delivery <- c(3, 3, 1, 3)
same("of_1", prop.table(table(factor(delivery, 1:3)))[["1"]])
same("of_3", prop.table(table(factor(delivery, 1:3)))[["3"]])
same("of_3_high", prop.test(3, 4, correct = FALSE)$conf.int[2])

of("survey.best_worst_worths"); price_won <- c(1, 1, 0, 1)
same("price", plogis(coef(glm(price_won ~ 1, family = binomial))), 1e-7)

of("survey.rank_worths"); price_first <- c(1, 1, 0, 1)
same("price", plogis(coef(glm(price_first ~ 1, family = binomial))), 1e-7)

of("survey.compare_groups"); y <- c(1, 2, 1, 1, 4); n <- c(3, 3, 4, 3, 5)
same("estimate", wilcox.test(y, n, exact = FALSE)$statistic / (5 * 5))
same("effect", 2 * wilcox.test(y, n, exact = FALSE)$statistic / (5 * 5) - 1)
# Brunner & Munzel (2000): ranks within the group taken from ranks over both.
ranks <- rank(c(y, n)); own <- list(ranks[1:5] - rank(y), ranks[6:10] - rank(n))
spread <- sapply(own, var)
same("statistic", 5 * 5 * (mean(ranks[1:5]) - mean(ranks[6:10])) / (10 * sqrt(sum(5 * spread))), shown = "5 * 5 * (mean(ranks_y) - mean(ranks_n)) / (10 * sqrt(sum(5 * spread)))  # ranks over both, spread of ranks less those within")
same("df", sum(5 * spread)^2 / sum((5 * spread)^2 / 4), shown = "sum(5 * spread)^2 / sum((5 * spread)^2 / 4)")

answers <- data.frame(a = c(1, 2, 3, 4), b = c(2, 2, 4, 4), c = c(1, 3, 3, 5))
of("survey.cronbach_alpha")
same("estimate", psych::alpha(answers)$total$raw_alpha)
same("standardized", psych::alpha(answers)$total$std.alpha)
same("ci_low", psych::alpha.ci(psych::alpha(answers)$total$raw_alpha, 4, n.var = 3)$lower.ci)
same("ci_high", psych::alpha.ci(psych::alpha(answers)$total$raw_alpha, 4, n.var = 3)$upper.ci)
of("survey.item_statistics")
same("item_rest_of_a", psych::alpha(answers)$item.stats$r.drop[1])
same("item_rest_of_b", psych::alpha(answers)$item.stats$r.drop[2])
same("item_rest_of_c", psych::alpha(answers)$item.stats$r.drop[3])

of("survey.cumulative_logit")
answers <- data.frame(rating = c(1, 2, 3, 1, 2, 3), role = rep(c("a", "b"), each = 3), people = c(30, 40, 30, 10, 40, 50))
same("estimate", coef(polr(factor(rating) ~ role, answers, weights = people, Hess = TRUE)), 1e-5)
same("std_error", sqrt(vcov(polr(factor(rating) ~ role, answers, weights = people, Hess = TRUE))[1, 1]), 1e-4)

of("survey.customer_effort_score"); made_it_easy <- c(7, 5, 4, 2)
same("mean", t.test(made_it_easy)$estimate)
same("mean_low", t.test(made_it_easy)$conf.int[1])
same("low_effort", mean(made_it_easy > 4))
same("low_effort_low", prop.test(2, 4, correct = FALSE)$conf.int[1])

of("survey.driver_shares")
answers <- data.frame(csat = c(1, 2, 4, 5), price = c(1, 2, 2, 3), speed = c(2, 1, 2, 3))
r2 <- function(formula) summary(lm(formula, answers))$r.squared
lmg_price <- (r2(csat ~ price) + r2(csat ~ price + speed) - r2(csat ~ speed)) / 2
same("price", lmg_price / r2(csat ~ price + speed), shown = "((R2(price) + R2(both) - R2(speed)) / 2) / R2(both)  # R2 of summary(lm(csat ~ ...))")
same("speed", 1 - lmg_price / r2(csat ~ price + speed), shown = "((R2(speed) + R2(both) - R2(price)) / 2) / R2(both)")

of("survey.early_late"); late <- c(3, 2); earlier <- c(5, 4, 5, 4)
same("estimate", -diff(t.test(late, earlier)$estimate))
same("statistic", t.test(late, earlier)$statistic)
same("p_value", t.test(late, earlier)$p.value)

of("survey.path_model"); price <- 1:5; again <- c(2, 1, 4, 3, 5)
same("path", cor(price, again))
of("survey.effect_by_method")
same("estimate", cor(price, again))

of("survey.gap_scores"); expected <- c(6, 5.5, 6.5); perceived <- c(5, 4, 4.5)
same("estimate", t.test(expected, perceived, paired = TRUE)$estimate)
same("statistic", t.test(expected, perceived, paired = TRUE)$statistic)
same("df", t.test(expected, perceived, paired = TRUE)$parameter)
same("p_value", t.test(expected, perceived, paired = TRUE)$p.value)

of("survey.item_deviations")
answers <- data.frame(price = c(1, 3, 2), delivery = c(4, 4, 4), quality = c(3, 5, 4))
same("price", t.test(answers$price, rowMeans(answers[c("delivery", "quality")]), paired = TRUE)$estimate)

of("survey.mcdonald_omega")
answers <- data.frame(a = c(4, 3, 3, 5, 1, 3, 2, 2), b = c(4, 4, 2, 5, 2, 2, 5, 3), c = c(3, 3, 2, 5, 2, 2, 2, 4))
loading <- unname(factanal(answers, 1, control = list(opt = list(factr = 1e4)))$loadings[, 1])
spread <- sapply(answers, sd); own <- loading * spread
same("omega", sum(own)^2 / (sum(own)^2 + sum((1 - loading^2) * spread^2)), 1e-6, shown = "sum(own)^2 / (sum(own)^2 + sum((1 - l^2) * sd^2))  # l: factanal(answers, 1)$loadings, own: l * sd")
same("omega_of_z_scores", sum(loading)^2 / (sum(loading)^2 + sum(1 - loading^2)), 1e-6, shown = "sum(l)^2 / (sum(l)^2 + sum(1 - l^2))")

of("survey.kano_coefficients"); counts <- c(M = 95, O = 123, A = 45, I = 33)
same("satisfaction", sum(prop.table(counts)[c("A", "O")]))
same("dissatisfaction", -sum(prop.table(counts)[c("O", "M")]))

of("survey.method_agreement")
same("kendall_W", friedman.test(rbind(c(1, 2, 3), c(2, 1, 3)))$statistic / (2 * 2))

of("survey.penalty_reward"); speed <- c(1, 1, 3, 3, 5, 5); overall <- c(1, 2, 4, 5, 5, 5)
same("penalty", coef(lm(overall ~ I(speed == 1) + I(speed == 5)))[2])
same("reward", coef(lm(overall ~ I(speed == 1) + I(speed == 5)))[3])

of("survey.rake"); firms <- data.frame(market = c("home", "home", "home", "export"))
raked <- survey::rake(survey::svydesign(~1, data = firms, weights = ~rep(1, 4)), list(~market), list(data.frame(market = c("home", "export"), Freq = 4 * c(.6, .4))))
same("home", weights(raked)[1], shown = "weights(survey::rake(design, list(~market), shares))[1]")
same("export", weights(raked)[4], shown = "weights(survey::rake(design, list(~market), shares))[4]")

of("survey.rank_agreement"); places <- rbind(c(1, 2, 3), c(1, 2, 3), c(2, 1, 3))
same("kendall_W", friedman.test(places)$statistic / (3 * 2))
same("mean_spearman", mean(as.dist(cor(t(places), method = "spearman"))))

of("survey.rater_agreement"); judged <- rbind(c(1, 2), c(3, 5), c(4, 5))
ranks <- matrix(rank(judged), 3)
same("krippendorff_alpha", 1 - mean((ranks[, 1] - ranks[, 2])^2) / mean(dist(as.vector(ranks))^2), shown = "1 - mean((r[, 1] - r[, 2])^2) / mean(dist(as.vector(r))^2)  # r: ranks of all ratings")
icc <- suppressMessages(psych::ICC(judged, lmer = FALSE))$results
same("icc_1_1", icc[icc$type == "ICC1", "ICC"], shown = "psych::ICC(judged, lmer = FALSE)$results[1, \"ICC\"]")
same("icc_2_1", icc[icc$type == "ICC2", "ICC"], shown = "psych::ICC(judged, lmer = FALSE)$results[2, \"ICC\"]")
same("icc_1_1_low", icc[icc$type == "ICC1", "lower bound"], shown = "psych::ICC(judged, lmer = FALSE)$results[1, \"lower bound\"]")

of("survey.response_quality")
same("longest_run_1", max(rle(c(4, 4, 4))$lengths))
same("longest_run_2", max(rle(c(5, 4, 2))$lengths))
same("answer_sd_2", sd(c(5, 4, 2)))

of("survey.satisfaction_index"); answers <- data.frame(overall = c(8, 10, 6), expected = c(7, 9, 5))
same("estimate", 100 * (mean(rowMeans(answers)) - 1) / 9)
same("ci_low", t.test(100 * (rowMeans(answers) - 1) / 9)$conf.int[1])
same("ci_high", t.test(100 * (rowMeans(answers) - 1) / 9)$conf.int[2])

of("survey.satisfaction_profile"); delivery <- c(5, 4, 3, 5, NA)
design <- survey::svydesign(~1, data = data.frame(delivery), weights = ~rep(1, 5))
same("mean", survey::svymean(~delivery, design, na.rm = TRUE))
same("mean_error", survey::SE(survey::svymean(~delivery, design, na.rm = TRUE)))
same("top_box", survey::svymean(~I(delivery >= 4), design, na.rm = TRUE)[[2]])

of("survey.servqual_gaps"); e <- c(5, 5, 4, 5); p <- c(4, 3, 4, 4)
same("estimate", t.test(p, e, paired = TRUE)$estimate)
same("statistic", t.test(p, e, paired = TRUE)$statistic)
same("ci_low", t.test(p, e, paired = TRUE)$conf.int[1])
same("p_value", t.test(p, e, paired = TRUE)$p.value)

of("survey.servqual_table_check")
same("t_from_ci", -0.18 / ((-0.13 - -0.23) / 2 / qt(.975, 386 - 1)))

of("survey.trim"); w <- c(1, 1, 1, 5)
design <- survey::svydesign(~1, data = data.frame(w), weights = ~w)
same("largest", weights(survey::trimWeights(design, upper = 1.75 * mean(w)))[4])
same("others", weights(survey::trimWeights(design, upper = 1.75 * mean(w)))[1])

of("survey.weight_summary"); w <- c(1, 1, 4)
same("deff_w", 1 + mean((w / mean(w) - 1)^2))
same("n_effective", 3 / (1 + mean((w / mean(w) - 1)^2)))

# ---- segmentation
of("segmentation.class_migration"); before <- c("A", "A", "C"); after <- c("A", "B", "gone")
same("A_to_B", prop.table(table(before, after), 1)["A", "B"])

of("segmentation.cluster_choice"); firms <- data.frame(n_orders = c(1, 2, 3, 30, 31, 32), amount = c(9, 8, 9, 70, 80, 75))
d <- dist(scale(firms))
same("silhouette_2", mean(cluster::silhouette(cutree(hclust(d, "ward.D2"), 2), d)[, "sil_width"]), shown = "mean(cluster::silhouette(cutree(hclust(d, \"ward.D2\"), 2), d)[, 3])  # d: dist(scale(firms))")

of("segmentation.cluster_customers"); firms <- data.frame(n_orders = c(1, 2, 1, 30, 31), amount = c(10, 12, 11, 90, 95))
set.seed(1)
same("within", kmeans(scale(firms), 2, nstart = 10)$tot.withinss)
same("n_of_1", max(kmeans(scale(firms), 2, nstart = 10)$size))

of("segmentation.cohort_contrast")
same("statistic", prop.test(c(30, 10), c(100, 100), correct = FALSE)$statistic)
same("p_value", prop.test(c(30, 10), c(100, 100), correct = FALSE)$p.value)

of("segmentation.concentration"); amount <- c(80, 5, 5, 5, 5)
same("gini", mean(abs(outer(amount, amount, "-"))) / (2 * mean(amount)))
same("hhi", sum(prop.table(amount)^2))

of("segmentation.lorenz_points")
same("at_three_quarters", cumsum(sort(1:4))[3] / sum(1:4))

of("segmentation.kappa_agreement"); old <- c("A", "A", "B", "B", "C", "C"); new <- c("A", "B", "B", "B", "C", "A")
same("kappa", psych::cohen.kappa(cbind(old, new))$kappa)
same("weighted_kappa", psych::cohen.kappa(cbind(old, new))$weighted.kappa)

of("segmentation.latent_class_choice"); a <- rep(c(1, 2, 1, 2), c(45, 5, 5, 45)) == 2
# One class: three independent answers, of which each has a logit of its own.
same("log_likelihood_1", 3 * logLik(glm(a ~ 1, family = binomial)))
same("bic_1", 3 * BIC(glm(a ~ 1, family = binomial)))

of("segmentation.method_agreement"); n_orders <- c(1, 2, 3, 30, 31, 32); segment <- c("b", "b", "a", "a", "a", "a")
same("ward", mclust::adjustedRandIndex(segment, cutree(hclust(dist(scale(n_orders)), "ward.D2"), 2)))
same("ward_on_ranks", mclust::adjustedRandIndex(segment, cutree(hclust(dist(rank(n_orders)), "ward.D2"), 2)))

by_value <- rep(c("a", "b"), c(3, 3)); by_need <- rep(c("x", "y"), c(2, 4))
of("segmentation.segment_agreement")
same("adjusted_rand", mclust::adjustedRandIndex(by_value, by_need))
of("segmentation.agreement_by_pair")
same("adjusted_rand", mclust::adjustedRandIndex(by_value, by_need))

of("segmentation.profit_curve"); profit <- c(60, 50, 10, -20)
same("peak", max(cumsum(sort(profit, decreasing = TRUE))) / sum(profit))

of("segmentation.repeat_shares"); n_orders <- c(1, 1, 3, 12)
same("twice", mean(n_orders >= 2))
same("twice_low", prop.test(2, 4, correct = FALSE)$conf.int[1])

of("segmentation.rfm_cuts")
same("recency", quantile(c(1, 2, 3), 1 / 2, type = 7))
same("amount", quantile(c(5, 6, 9), 1 / 2, type = 7))
of("segmentation.rfm_scores"); recency_days <- c(5, 40, 90, 200, 300); amount <- c(50, 90, 70, 20, 10)
same("monetary_of_first", 1 + sum(quantile(amount, 1:4 / 5, type = 7) < amount[1]))
same("recency_of_first", 1 + sum(quantile(-recency_days, 1:4 / 5, type = 7) < -recency_days[1]))

of("segmentation.segment_profiles"); amount <- c(1, 3, 5, 7); segment <- c("a", "a", "b", "b")
same("a", tapply(amount, segment, mean)[["a"]])
same("all", t.test(amount)$estimate)

of("segmentation.theoretical_top_share")
same("lognormal", integrate(function(x) x * dlnorm(x), qlnorm(.8), Inf, rel.tol = 1e-10)$value / exp(.5))
of("segmentation.shape_for_top_share")
same("lognormal", uniroot(function(s) pnorm(s - qnorm(.8)) - .8, c(0, 9), tol = 1e-12)$root, 1e-8)
same("pareto", uniroot(function(a) .2^(1 - 1 / a) - .8, c(1.01, 9), tol = 1e-12)$root, 1e-8)

of("segmentation.value_deciles"); amount <- c(70, 5, 20, 5); decile <- c(1, 2, 1, 2)
same("first", tapply(amount, decile, sum)[["1"]])

# ---- loyalty
of("loyalty.allocate_contacts")
same("best_contacts", optimize(function(c) 8 * .5 * (1 - exp(-c / 2)) - c, c(0, 9), maximum = TRUE, tol = 1e-10)$maximum, 1e-6)

of("loyalty.chain_sizes")
same("one", dpois(0, .9))
same("two", dpois(1, .9) * dpois(0, .9))
same("three", dpois(1, .9)^2 * dpois(0, .9) + dpois(2, .9) * dpois(0, .9)^2)

of("loyalty.churn_hazards"); base <- data.frame(months = c(1, 3, 2, 4), left = 1, visits = c(0, 1, 1, 0))
same("estimate", coef(coxph(Surv(months, left) ~ visits, base)), 1e-7)
same("std_error", sqrt(vcov(coxph(Surv(months, left) ~ visits, base))[1]), 1e-7)

of("loyalty.churn_profit_lift"); value <- function(churn) sum(((1 - churn) / (1 + .1))^(0:4999))
same("relative", value(.15 * (1 - .05)) / value(.15) - 1, shown = "value(.15 * (1 - .05)) / value(.15) - 1  # value(churn): sum(((1 - churn) / (1 + .1))^(0:4999))")
same("points", value(.15 - .05) / value(.15) - 1)
of("loyalty.churn_lift_line")
profit <- function(churn, discount) sum(((1 - churn) / (1 + discount))^(0:4999))
lift <- function(d) profit(.1 - .05, d) / profit(.1, d) - 1
same("estimate", uniroot(function(d) lift(d) - .3, c(.01, 1), tol = 1e-13)$root, shown = "uniroot(function(d) lift(d) - .3, c(.01, 1))$root  # lift: profit(.05, d) / profit(.1, d) - 1, profits sums of 5,000 periods")
same("effect", .1 + uniroot(function(d) lift(d) - .3, c(.01, 1), tol = 1e-13)$root, shown = ".1 + uniroot(function(d) lift(d) - .3, c(.01, 1))$root")

of("loyalty.churn_rate")
same("estimate", 1 - (1 - 1 / 50)^12)
same("ci_high", 1 - (1 - prop.test(1, 50, correct = FALSE)$conf.int[2])^12)

of("loyalty.cohort_retention"); base <- data.frame(months = c(1, 2, 2), left = c(1, 0, 0))
same("retained_1", summary(survfit(Surv(months, left) ~ 1, base), 1)$surv)
same("retained_1_low", prop.test(2, 3, correct = FALSE)$conf.int[1])

of("loyalty.compare_incidence"); contracts <- data.frame(months = 1:6, cause = c(1, 1, 1, 2, 0, 0), firm = rep(c("a", "b"), 3))
same("price", with(contracts, cmprsk::cuminc(months, cause, firm)$Tests["1", "stat"]))
same("staff", with(contracts, cmprsk::cuminc(months, cause, firm)$Tests["2", "stat"]))

of("loyalty.compare_survival"); base <- data.frame(months = c(1, 3, 2, 4), left = 1, plan = c("a", "a", "b", "b"))
same("statistic", survdiff(Surv(months, left) ~ plan, base)$chisq)
same("p_value", pchisq(survdiff(Surv(months, left) ~ plan, base)$chisq, 1, lower.tail = FALSE))

of("loyalty.count_against_shares")
same("p_value", binom.test(12, 300, .15, "less")$p.value)
of("loyalty.count_power")
same("limit", qbinom(.025, 300, .15) - 1)
same("estimate", pbinom(qbinom(.025, 300, .15) - 1, 300, .04))

of("loyalty.cumulative_incidence"); contracts <- data.frame(months = c(1, 2, 2, 3), why = factor(c("price", "staff", "", ""), c("", "price", "staff")))
same("price", summary(survfit(Surv(months, why) ~ 1, contracts), 2)$pstate[2])
same("staff", summary(survfit(Surv(months, why) ~ 1, contracts), 2)$pstate[3])
same("price_error", summary(survfit(Surv(months, why) ~ 1, contracts), 2)$std.err[2])

of("loyalty.discount_break_even")
same("estimate", uniroot(function(v) (1 + v) * (.3 - .1) - .3, c(0, 9), tol = 1e-13)$root)
of("loyalty.price_break_even")
same("estimate", uniroot(function(v) (1 + v) * (.3 + .15) - .3, c(-1, 0), tol = 1e-13)$root)
of("loyalty.doubling_time")
same("at_15_percent", uniroot(function(t) (1 + .15)^t - 2, c(0, 99), tol = 1e-12)$root)
same("at_40_percent", log(2) / log1p(.4))

of("loyalty.funnel_rates")
same("call_offer", prop.test(2, 4, correct = FALSE)$estimate)
same("call_offer_low", prop.test(2, 4, correct = FALSE)$conf.int[1])
of("loyalty.funnel_plan"); rate <- .5 * .1 * .25
same("calls_needed", 10 + qnbinom(.9, 10, rate), shown = "10 + qnbinom(.9, 10, .5 * .1 * .25)")
same("probability_of_800", 1 - pbinom(9, 800, rate), shown = "1 - pbinom(9, 800, .5 * .1 * .25)")
same("sales_low", qbinom(.025, 800, rate), shown = "qbinom(.025, 800, .5 * .1 * .25)")
of("loyalty.funnel_scenarios")
same("calls_needed", 1 + qgeom(.9, .1))

# Ladders: the chain of each example, and what follows by solving.
of("loyalty.ladder_transitions"); stage <- c("low", "high", "low"); next_stage <- c("high", "high", "low")
same("low_to_high", prop.table(table(stage, next_stage), 1)["low", "high"])
of("loyalty.ladder_lifetimes"); P <- matrix(c(.5, 0, .5, 1), 2, dimnames = list(c("buyer", "gone"), c("buyer", "gone")))
chain <- new("markovchain", transitionMatrix = P)
same("mean", solve(1 - P["buyer", "buyer"], 1))
same("mean_by_markovchain", markovchain::meanAbsorptionTime(chain)[["buyer"]])
same("std_dev", sqrt(.5) / (1 - .5))
of("loyalty.ladder_visits")
same("buyer", sum(P["buyer", "buyer"]^(0:199)))
of("loyalty.ladder_occupancy")
same("after_2", (c(100, 0) %*% P %*% P)[1])
of("loyalty.ladder_value")
later <- function(t) Reduce(`%*%`, rep(list(P), t), diag(2))[1, 1] / 1.2^t
same("buyer", sum(60 * sapply(0:399, later)), shown = "sum(60 * sapply(0:399, later))  # later(t): P^t[1, 1] / 1.2^t, by products of P")
of("loyalty.ladder_climb")
chain <- new("markovchain", transitionMatrix = matrix(c(1, 0, 0, 1, 0, 0, 1, 3, 3) / 3, 3, dimnames = list(c("a", "b", "gone"), c("a", "b", "gone"))))
same("ever", markovchain::hittingProbabilities(chain)["a", "b"])
first <- markovchain::firstPassage(chain, "a", 200)[, "b"]
same("periods", sum(1:200 * first) / sum(first), shown = "sum(1:200 * first) / sum(first)  # first: markovchain::firstPassage(chain, \"a\", 200)[, \"b\"]")
of("loyalty.ladder_rungs"); moved <- prop.table(table(c("a", "a", "a", "b"), c("a", "b", "gone", "gone")), 1)
same("ever", markovchain::hittingProbabilities(chain)["a", "b"])
same("up", moved["a", "b"], shown = "prop.table(table(stage, next_stage), 1)[\"a\", \"b\"]")
P <- matrix(c(0, 0, 0, .5, 0, 0, .5, 1, 1), 3); V <- function(P) solve(diag(3) - P / 1.25, c(0, 100, 0))[1]
moved <- function(points) { P[1, 2] <- P[1, 2] + points / 100; P[1, 3] <- P[1, 3] - points / 100; P }
of("loyalty.ladder_gains")
same("one_point", V(moved(1)) - V(P), shown = "V(moved(1)) - V(P)  # V: solve(diag(3) - P / 1.25, c(0, 100, 0))[1]")
of("loyalty.ladder_what_if")
same("before", V(P), shown = "V(P)  # V: solve(diag(3) - P / 1.25, c(0, 100, 0))[1]")
same("after", V(moved(10)))
same("difference", V(moved(10)) - V(P))
of("loyalty.ladder_tests"); now <- rep(c("a", "a", "a", "b"), 20); following <- rep(c("a", "b", "b", "b"), 20)
same("pearson", chisq.test(table(now, following), correct = FALSE)$statistic)
same("likelihood_ratio", loglin(table(now, following), list(1, 2), print = FALSE)$lrt, 1e-7)
of("loyalty.ladder_shares")
same("idle", prop.table(table(c("buyer", "idle", "idle")))[["idle"]])
of("loyalty.ladder_margins")
same("buyer", mean(.5 * c(10, 20, 60)))

of("loyalty.lifetime_value")
same("estimate", sum(100 * ((1 - .2) / (1 + .1))^(0:999)))

score <- function(x) 100 * ((x >= 9) - (x <= 6))
of("loyalty.net_promoter_score"); recommend <- c(10, 9, 9, 8, 7, 6, 0, 10)
same("estimate", mean(score(recommend)), shown = "mean(score(recommend))  # score(x): 100 * ((x >= 9) - (x <= 6))")
same("std_error", sqrt(mean((score(recommend) - mean(score(recommend)))^2) / 8))
of("loyalty.promoter_shares")
same("promoters", prop.table(table(cut(c(10, 9, 8, 3), c(-1, 6, 8, 10))))[["(8,10]"]])
of("loyalty.net_promoter_change"); first <- c(9, 9, 8, 3); second <- c(10, 3, 3, 6)
same("estimate", mean(score(second)) - mean(score(first)))
of("loyalty.net_promoter_sample_size")
same("within_10", ceiling((qnorm(.975) * 100 / 10)^2))
same("within_5", ceiling((qnorm(.975) * 100 / 5)^2))
of("loyalty.promoter_retention"); recommend <- c(10, 9, 9, 8, 7, 6, 3, 2); stayed <- c(1, 1, 1, 1, 0, 1, 0, 0)
same("promoters_low", prop.test(3, 3, correct = FALSE)$conf.int[1])
same("detractors_high", prop.test(1, 3, correct = FALSE)$conf.int[2])
same("trend", prop.trend.test(c(1, 1, 3), c(3, 2, 3))$statistic)

of("loyalty.purchase_model"); x <- rep(c(0, 0, 0, 0, 0, 1, 1, 2, 3, 9), 12); t_x <- rep(c(0, 0, 0, 0, 0, 5, 12, 20, 6, 36), 12)
# Fader, Hardie & Lee (2005): a customer buys at a gamma rate and leaves after a purchase with a beta chance.
bg_nbd <- function(theta) { r <- exp(theta[1]); alpha <- exp(theta[2]); a <- exp(theta[3]); b <- exp(theta[4])
  here <- lbeta(a, b + x) - lbeta(a, b) - (r + x) * log(alpha + 40)
  gone <- ifelse(x > 0, lbeta(a + 1, b + pmax(x, 1) - 1) - lbeta(a, b) - (r + x) * log(alpha + t_x), -Inf)
  sum(lgamma(r + x) - lgamma(r) + r * log(alpha) + pmax(here, gone) + log1p(exp(-abs(here - gone)))) }
best <- optim(c(-1, 1, 0, 0), function(theta) -bg_nbd(theta), method = "BFGS", control = list(reltol = 1e-14, maxit = 500))
same("log_likelihood", -best$value, 1e-8, shown = "optim(start, bg_nbd)$value  # log-likelihood of Fader, Hardie & Lee (2005)")
same("r", exp(best$par[1]), 1e-4, shown = "optim(start, bg_nbd)$par[1]")
same("alpha", exp(best$par[2]), 1e-4, shown = "optim(start, bg_nbd)$par[2]")

of("loyalty.spend_model"); x <- rep(1:4, 15); z <- rep(c(20, 35, 28, 60, 12, 33), 10)
gamma_gamma <- function(theta) { p <- exp(theta[1]); q <- exp(theta[2]); v <- exp(theta[3])
  sum(lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v) + (p * x - 1) * log(z) + p * x * log(x) - (p * x + q) * log(x * z + v)) }
best <- optim(c(1, 2, 4), function(theta) -gamma_gamma(theta), method = "BFGS", control = list(reltol = 1e-14, maxit = 500))
same("log_likelihood", -best$value, 1e-8, shown = "optim(start, gamma_gamma)$value  # log-likelihood of Fader, Hardie & Lee (2005)")
same("population_mean", exp(sum(best$par[c(1, 3)])) / (exp(best$par[2]) - 1), 1e-5, shown = "p * v / (q - 1)  # of the same optim")

of("loyalty.reason_shares")
same("price_low", prop.test(2, 3, conf.level = 1 - .05 / 2, correct = FALSE)$conf.int[1])
of("loyalty.reason_fit")
same("statistic", chisq.test(c(30, 40, 30), p = c(.67, .09, .24))$statistic)
same("p_value", chisq.test(c(30, 40, 30), p = c(.67, .09, .24))$p.value)

of("loyalty.referral_balance")
same("multiplier", sum(.9^(0:999)))

contracts <- data.frame(months = c(1, 2, 3, 4), left = c(1, 1, 1, 0))
of("loyalty.restricted_mean")
same("estimate", summary(survfit(Surv(months, left) ~ 1, contracts), rmean = 4)$table[["rmean"]])
of("loyalty.survival_times")
same("quarter", quantile(survfit(Surv(months, left) ~ 1, contracts), 1 / 4)$quantile)
same("half", quantile(survfit(Surv(months, left) ~ 1, contracts), 2 / 4)$quantile)
of("loyalty.survival_curve"); contracts <- data.frame(months = c(1, 2, 2, 3), left = c(1, 1, 0, 0))
same("after_2", summary(survfit(Surv(months, left) ~ 1, contracts), 2)$surv)
same("after_2_error", summary(survfit(Surv(months, left) ~ 1, contracts), 2)$std.err)

of("loyalty.search_rates")
same("success_low", prop.test(2, 10, correct = FALSE)$conf.int[1])
same("quit_hazard_low", prop.test(2, 8, correct = FALSE)$conf.int[1])

of("loyalty.shifted_beta_geometric"); lost <- c(369, 163, 86, 56, 37, 27, 21); kept <- 241
# Fader & Hardie (2007): who leaves in year t stayed t - 1 times.
sbg <- function(theta, lost, kept) { a <- exp(theta[1]); b <- exp(theta[2]); t <- seq_along(lost)
  sum(lost * (lbeta(a + 1, b + t - 1) - lbeta(a, b))) + kept * (lbeta(a, b + length(lost)) - lbeta(a, b)) }
law <- optim(c(0, 0), function(theta) -sbg(theta, lost, kept), method = "BFGS", control = list(reltol = 1e-14))
same("log_likelihood", -law$value, shown = "optim(start, sbg)$value  # log-likelihood by lbeta, Fader & Hardie (2007)")
same("a", exp(law$par[1]), 1e-6, shown = "optim(start, sbg)$par[1]")
same("b", exp(law$par[2]), 1e-6, shown = "optim(start, sbg)$par[2]")
of("loyalty.retention_holdout")
law <- exp(optim(c(0, 0), function(theta) -sbg(theta, lost[1:5], 289), method = "BFGS", control = list(reltol = 1e-14))$par)
same("kept_in_year_6", 289 * beta(law[1], law[2] + 6) / beta(law[1], law[2] + 5), 1e-6, shown = "289 * beta(a, b + 6) / beta(a, b + 5)  # a and b by optim of the first five years")

of("loyalty.silent_share")
same("estimate", 1 - uniroot(function(rho) .15 * rho / (.15 * rho + .85) - 12 / 300, c(0, 1), tol = 1e-13)$root)

oracle_write(o, .here)
