using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>R script of an export: fits the same model with metafor (Viechtbauer 2010) and compares the numbers with those of the service.</summary>
internal static partial class ReproductionScript
{
    public static string For(ArchiveAnalysis archive) => For(archive.Report.Pool!, Further(archive));

    private static string For(PoolResponse pool, string further) => $$"""
        # Computes the pooled effect, diagnostics, selection models and regression again with metafor and compares them with the answers of the service.
        # Usage: Rscript reproduce.R, in the folder of this file. Needs the package metafor; for CR2 also clubSandwich.
        # Ends with status 1 if a number differs.
        suppressPackageStartupMessages(library(metafor))

        effects <- read.csv("effects.csv", colClasses = c(id = "character", study = "character", sample = "character"), fileEncoding = "UTF-8")
        expected <- read.csv("expected.csv")
        expected <- setNames(expected$value, expected$name)

        # The model, as the service resolved it.
        level <- {{pool.Model.Confidence * 100:R}}
        {{Scale(pool.Model)}}{{Fit(pool.Model)}}
        failed <- 0
        compare <- function(name, value, tolerance) {
          if (!name %in% names(expected)) return(invisible())
          theirs <- unname(expected[name])
          agrees <- isTRUE(abs(value - theirs) <= tolerance * max(abs(theirs), 1e-3))
          cat(sprintf("%-28s service %.10f  metafor %.10f  %s\n", name, theirs, value, if (agrees) "agrees" else "DIFFERS"))
          if (!agrees) failed <<- failed + 1
        }
        compareRows <- function(name, values, theirs, tolerance, smallest) {
          agrees <- length(values) == length(theirs) && isTRUE(all(abs(values - theirs) <= tolerance * pmax(abs(theirs), smallest)))
          cat(sprintf("%-36s %d rows  %s\n", name, length(theirs), if (agrees) "agrees" else "DIFFERS"))
          if (!agrees) failed <<- failed + 1
        }

        {{Comparisons(pool)}}
        compare("counts.effects", nrow(effects), 0)
        compare("counts.samples", length(unique(effects$sample)), 0)
        {{further}}
        cat(if (failed == 0) "The service and metafor agree.\n" else sprintf("%d numbers differ.\n", failed))
        quit(status = if (failed == 0) 0 else 1)

        """;

    // The table has Fisher z, whose variance of a correlation is 1/(n - 3).
    private static string Scale(ModelResponse model) => model.Measure != EffectMeasure.Correlation ? "" : """
        plain <- !is.na(effects$n) & abs(effects$vi * (effects$n - 3) - 1) < 1e-9
        effects$vi <- (1 - tanh(effects$yi)^2)^2 * ifelse(plain, 1 / (effects$n - 1), effects$vi)
        effects$yi <- tanh(effects$yi)

        """;

    private static string Fit(ModelResponse model) => model.Dependence switch
    {
        Dependence.ThreeLevel => $"""
            fit <- rma.mv(yi, vi, random = ~ 1 | sample/id, data = effects, method = "{MethodOf(model)}", test = "{TestOf(model)}", level = level)
            """,
        Dependence.CorrelatedHierarchical => $"""
            {Covariance(model)}
            fit <- rma.mv(yi, V, random = ~ 1 | sample/id, data = effects, method = "{MethodOf(model)}", test = "{TestOf(model)}", level = level)
            """,
        Dependence.FourLevel => $"""
            {Covariance(model)}
            {Clusters(model)}
            effects$cluster <- cluster
            fit <- rma.mv(yi, V, random = ~ 1 | cluster/sample/id, data = effects, method = "{MethodOf(model)}", test = "{TestOf(model)}", level = level)
            """,
        Dependence.Aggregate =>
            $"{(HasPairs(model) ? $"{Covariance(model)}\n" : "")}pooled <- aggregate(escalc(measure = \"ZCOR\", yi = yi, vi = vi, data = effects), "
            + $"cluster = effects$sample, {(HasPairs(model) ? "V = V" : FormattableString.Invariant($"struct = \"CS\", rho = {model.Rho:R}"))}, "
            + $"weighted = {(model.Aggregation == AggregationChoice.Simple ? "FALSE" : "TRUE")})\nfit <- {Univariate("pooled", model)}",
        _ => $"fit <- {Univariate("effects", model)}",
    };

    private static bool HasPairs(ModelResponse model) => (model.RhoSameOutcome ?? model.RhoSameRater ?? model.RhoSameForm) is not null;

    private static string Covariance(ModelResponse model) => !HasPairs(model)
        ? FormattableString.Invariant($"V <- vcalc(vi, cluster = sample, obs = id, rho = {model.Rho:R}, data = effects)")
        : FormattableString.Invariant($$"""
            # Sampling errors of a sample correlate by {{model.Rho:R}}, or by the largest correlation of what both effects share.
            inside <- outer(effects$sample, effects$sample, "==")
            shared <- function(...) inside & Reduce(`&`, lapply(list(...), function(x) outer(x, x, "==") %in% TRUE))
            R <- {{model.Rho:R}} * inside
            {{PairLines(model)}}diag(R) <- 1
            V <- R * sqrt(outer(effects$vi, effects$vi))
            """);

    private static string PairLines(ModelResponse model) => PairLine("effects$outcomeType", model.RhoSameOutcome)
        + PairLine("effects$relationshipRater, effects$outcomeRater", model.RhoSameRater) + PairLine("effects$relationshipMeasure", model.RhoSameForm);

    private static string PairLine(string columns, double? rho) => rho is not { } value ? ""
        : FormattableString.Invariant($"pair <- shared({columns}); R[pair] <- pmax(R[pair], {value:R})\n");

    // Studies that share a sample are one cluster.
    private static string Clusters(ModelResponse model) => model.Cluster != ClusterChoice.Study ? "cluster <- effects$sample" : """
        cluster <- as.character(effects$study)
        repeat {
          merged <- ave(ave(cluster, effects$sample, FUN = min), effects$study, FUN = min)
          if (identical(merged, cluster)) break
          cluster <- merged
        }
        """;

    // The default tolerance of metafor gives only five digits of tau²; non-iterative estimators have no tolerance.
    private static string Univariate(string data, ModelResponse model) => $"""
        rma(yi, vi, data = {data}, {Arguments(model)})
        """;

    private static string Arguments(ModelResponse model) =>
        $"method = \"{MethodOf(model)}\", test = \"{TestOf(model)}\", level = level{Precision(model.Estimator)}";

    private static string Precision(Estimator estimator) => estimator switch
    {
        Estimator.Reml or Estimator.Ml or Estimator.Eb or Estimator.Dlit => ", control = list(threshold = 1e-10, maxiter = 10000)",
        Estimator.Pm or Estimator.Pmm => ", control = list(tol = 1e-12)",
        _ => "",
    };

    private static string Comparisons(PoolResponse pool)
    {
        var isNested = pool.Model.Dependence.IsNested();
        // rma.mv stops its search for several variances earlier than we do.
        var tolerance = isNested ? "1e-4" : "1e-6";
        var lines = new List<string> { $"compare(\"pooled.effect\", as.numeric(fit$beta), {tolerance})", $"compare(\"heterogeneity.q\", fit$QE, {tolerance})" };
        if (isNested)
        {
            lines.Add("compare(\"heterogeneity.tau2\", sum(fit$sigma2), 1e-3)");
        }
        else if (pool.Model.Estimator != Estimator.Common)
        {
            lines.Add($"compare(\"heterogeneity.tau2\", fit$tau2, {tolerance})");
        }

        lines.Add(pool.Model.Robust == RobustVarianceChoice.None ? Interval("fit", tolerance) : pool.Model.Robust == RobustVarianceChoice.Cr2
            ? $$"""
            {{Clusters(pool.Model)}}
            if (requireNamespace("clubSandwich", quietly = TRUE)) {
              fit <- robust(fit, cluster = cluster, clubSandwich = TRUE)
              {{Interval("fit", "1e-3").Replace("\n", "\n  ", StringComparison.Ordinal)}}
            } else {
              cat("Without the package clubSandwich the robust interval is not compared.\n")
            }
            """
            : "cat(\"The robust interval is not compared: metafor's own has other degrees of freedom.\\n\")");
        if (!isNested && pool.Model.Definitions.Prediction is "normal" or "tKMinusP" && pool.Pooled.PredictionLower is not null)
        {
            lines.Add($"""
                new <- predict(fit)
                compare("pooled.predictionLower", new$pi.lb, {tolerance})
                compare("pooled.predictionUpper", new$pi.ub, {tolerance})
                """);
        }

        if (pool.Model.Definitions.Prediction == "confidenceDistribution" && pool.Pooled.PredictionLower is not null)
        {
            lines.Add("cat(\"The prediction interval is by the confidence distribution, which metafor does not have: it is not compared. \", "
                + "\"With prediction=test it is metafor's.\\n\")");
        }

        return string.Join('\n', lines);
    }

    private static string Interval(string fit, string tolerance) => $"""
        compare("pooled.standardError", {fit}$se, {tolerance})
        compare("pooled.lower", {fit}$ci.lb, {tolerance})
        compare("pooled.upper", {fit}$ci.ub, {tolerance})
        """;

    private static string MethodOf(ModelResponse model) => model.Estimator switch
    {
        Estimator.Common => "EE",
        Estimator.Hsk => "HSk",
        var estimator => estimator.ToString().ToUpperInvariant(),
    };

    private static string TestOf(ModelResponse model) => model.Test switch
    {
        TestChoice.KnappHartung => "knha",
        TestChoice.KnappHartungAdHoc => "adhoc",
        TestChoice.T => "t",
        _ => "z",
    };
}
