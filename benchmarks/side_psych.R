# What R's psych is asked: alpha with its own resamples (n.iter).
suppressPackageStartupMessages({library(psych); library(jsonlite)})
order <- fromJSON(commandArgs(TRUE)[1])
items <- read.csv(order$data)
seconds <- c()
megabytes <- 0  # not known
while (length(seconds) == 0 || (length(seconds) < order$runs && sum(seconds) < order$enough_seconds)) {
  set.seed(1)
  started <- proc.time()[["elapsed"]]
  found <- suppressWarnings(alpha(items, check.keys = FALSE, n.iter = max(order$count, 1)))
  seconds <- c(seconds, proc.time()[["elapsed"]] - started)
  if (length(seconds) == 1 && file.exists("/proc/self/status")) {
    peak <- grep("VmHWM", readLines("/proc/self/status"), value = TRUE)
    megabytes <- as.numeric(gsub("[^0-9]", "", peak)) * 1024 / 1e6
  }
}
answer <- list(alpha = I(found$total$raw_alpha))
if (order$count > 1) answer$interval <- as.numeric(found$boot.ci[c(1, 3)])
cat(toJSON(list(seconds = min(seconds), runs = length(seconds), answer = answer,
  megabytes = megabytes, version = paste("psych", packageVersion("psych"))), auto_unbox = TRUE, digits = NA))
