# Gower distance, average linkage, Jaccard stability, Gaussian mixture and gap statistic.  Run: Rscript make.R
.here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1])))
source(file.path(.here, "..", "oracle_helper.R")); D <- oracle_here()
suppressPackageStartupMessages({library(cluster); library(mclust); library(fpc)})
n <- 60
o <- oracle_new("gower_mixed", "Gower distance of mixed data with average linkage; Jaccard stability; full-covariance mixtures; gap statistic of k-means",
  data = list(file = "firms.csv", n = n, p = 6, source = "own simulation (made by this script, seed 1971): three kinds of firms, and resamples of their rows"),
  reference = c(list(R = R.version.string), as.list(pkgv("cluster", "mclust", "fpc"))),
  notes = list("daisy(metric = 'gower'): numbers over their range, the ordered size as its level, branch and export as unordered factors.",
    "stability: fpc's clujaccard over the distinct rows of each resample, hclust average on the subset of the distances, as clusterboot(distances = TRUE, bootmethod = 'boot', multipleboot = FALSE).",
    "mixture: Mclust with modelNames = 'VVV' on scale()d data; BIC = 2 loglik - df log n."))
set.seed(1971)
kind <- rep(1:3, length.out = n)
firms <- data.frame(amount = round(exp(rnorm(n, c(3, 4, 5)[kind], .4)), 3), n_orders = rpois(n, c(3, 9, 12)[kind]) + 1,
  recency = round(rnorm(n, c(90, 60, 20)[kind], 12), 2),
  branch = c("steel", "wood", "paper")[ifelse(runif(n) < .8, kind, sample(3, n, TRUE))],
  size = c("small", "medium", "large")[pmin(pmax(kind + sample(-1:1, n, TRUE, c(.15, .7, .15)), 1), 3)],
  export = runif(n) < c(.1, .4, .9)[kind])
for (v in c("amount", "recency", "branch", "size", "export")) firms[sample(n, 4), v] <- NA
mixed <- transform(firms, branch = factor(branch), size = factor(size, c("small", "medium", "large"), ordered = TRUE), export = factor(export))
write.csv(firms, file.path(D, "firms.csv"), row.names = FALSE, quote = FALSE, na = "")
g <- daisy(mixed, metric = "gower"); gm <- as.matrix(g)
for (i in c(1, 7, 30)) for (j in c(2, 15, 44, 60)) oracle_add(o, sprintf("gower.distance.%d_%d", i, j), gm[i, j], 1e-12, source = "daisy(metric = 'gower'), rows counted from 1")
oracle_add(o, "gower.distance", c(sum = sum(g), largest = max(g)), 1e-9, source = "over all pairs")
h <- hclust(g, "average")
for (k in 2:4) {
  l <- cutree(h, k)
  oracle_add(o, paste0("gower.average.k", k), c(setNames(sort(as.numeric(table(l)), TRUE), paste0("size", 1:k)), silhouette = mean(silhouette(l, g)[, 3]), merge_height = sort(h$height, TRUE)[k - 1], ari_kind = adjustedRandIndex(l, kind)), 1e-9, source = "hclust average, cutree, silhouette")
}
# Stability: the resamples are kept in a file, so that another program can repeat them.
B <- 25; draws <- t(sapply(1:B, function(b) sample(n, n, replace = TRUE))); write.table(draws, file.path(D, "draws.csv"), row.names = FALSE, col.names = FALSE, sep = ",")
k <- 3; l <- cutree(h, k); l <- match(l, order(-as.numeric(table(l)))); jac <- matrix(0, B, k)
for (b in 1:B) {
  s <- unique(draws[b, ]); m <- cutree(hclust(as.dist(gm[s, s]), "average"), k)
  for (j in 1:k) jac[b, j] <- max(sapply(1:k, function(i) clujaccard(l[s] == j, m == i, zerobyzero = 0)))
}
oracle_add(o, "stability.mean", setNames(colMeans(jac), paste0("s", 1:k)), 1e-12, source = "fpc::clujaccard, segments by decreasing size")
oracle_add(o, "stability.recovered", setNames(colMeans(jac > .75), paste0("s", 1:k)), 1e-12, source = "share above .75")
oracle_add(o, "stability.dissolved", setNames(colMeans(jac <= .5), paste0("s", 1:k)), 1e-12, source = "share up to .5")
set.seed(1); cb <- clusterboot(g, B = 2000, bootmethod = "boot", clustermethod = disthclustCBI, method = "average", k = k, cut = "number", count = FALSE)
size <- order(-as.numeric(table(cb$partition)))
oracle_add(o, "clusterboot.mean", setNames(cb$bootmean[size], paste0("s", 1:k)), .025, source = "fpc::clusterboot, B = 2000, seed 1; tolerance covers 1000 resamples of another stream")
# Gaussian mixtures of full covariance
x <- scale(as.matrix(iris[1:4]))
for (G in 1:3) { m <- Mclust(x, G = G, modelNames = "VVV", verbose = FALSE, control = emControl(tol = c(1e-12, 1e-12), itmax = c(1e6, 1e6)))
  oracle_add(o, paste0("mixture.k", G), c(bic = unname(m$bic), log_likelihood = m$loglik, df = m$df), .02, source = "mclust VVV on scale(iris[1:4])")
  oracle_add(o, paste0("mixture.k", G), setNames(sort(as.numeric(table(m$classification)), TRUE), paste0("size", 1:G)), 0) }
# Gap statistic of k-means
set.seed(2001); cg <- clusGap(x, kmeans, K.max = 5, B = 500, d.power = 2, nstart = 100, iter.max = 100, verbose = FALSE)$Tab
oracle_add(o, "gap.log_dispersion", setNames(cg[, "logW"], paste0("k", 1:5)), 1e-8, source = "clusGap(kmeans, d.power = 2) on scale(iris[1:4])")
oracle_add(o, "gap.gap", setNames(cg[, "gap"], paste0("k", 1:5)), .015, source = "B = 500; the tolerance covers another stream of 100")
oracle_add(o, "gap.std_error", setNames(cg[, "SE.sim"], paste0("k", 1:5)), .2, "rel", source = "B = 500; the tolerance covers another stream of 100")
# The three rules on gaps made up to tell them apart
up <- list(rising = c(.1, .2, .3, .4), one = c(.5, .4, .6, .3), near = c(.28, .30, .31, .30, .5), late = c(.1, .3, .29, .6, .2), flat = c(.2, .2, .2))
errors <- list(even = rep(.025, 5), uneven = c(.12, .01, .03, 0, .02))
for (nm in names(up)) for (e in names(errors)) { f <- up[[nm]]; s <- errors[[e]][seq_along(f)]; rules <- c("firstSEmax", "Tibs2001SEmax", "globalSEmax"); oracle_add(o, paste("rule", nm, e, sep = "."), setNames(sapply(rules, function(r) maxSE(f, s, r)), rules), 0, source = "cluster::maxSE") }
oracle_write(o, D)
