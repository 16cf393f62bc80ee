using System.Text;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Pool;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>The parts beside the pool: diagnostics and selection models of the effects, or of one composite per sample, and the regression.</summary>
internal static partial class ReproductionScript
{
    private static string Further(ArchiveAnalysis archive) =>
        $"{Diagnostics(archive)}{Selection(archive)}{Regression(archive)}"
            + "cat(\"The posterior (bayes*.csv) is not compared: metafor has no Bayesian model.\\n\")\n";

    // Nested effects are aggregated for methods that assume independence.
    private static ModelResponse Flat(ModelResponse model) => model.Dependence.IsNested()
        ? model with { Dependence = Dependence.Aggregate, Test = TestChoice.KnappHartungAdHoc, Rho = model.Rho ?? ResolvedModel.DefaultRho } : model;

    private static string Diagnostics(ArchiveAnalysis archive)
    {
        if (archive.Diagnostics is not { Baujat.Count: > 1 })
        {
            return "";
        }

        var model = archive.Report.Pool!.Model;
        var isAggregated = Flat(model).Dependence == Dependence.Aggregate;
        var method = archive.Diagnostics.Profile?.Restricted == false ? "ML" : "REML";
        return $$"""

            # Diagnostics, of {{(isAggregated ? "one composite per sample" : "the effects")}}.
            {{Fit(Flat(model)).Replace("fit <-", "flatFit <-", StringComparison.Ordinal)}}
            flat <- {{(isAggregated ? "pooled" : "effects")}}
            table <- read.csv("diagnostics.csv", colClasses = c(id = "character"), fileEncoding = "UTF-8")
            table <- table[match(flat${{(isAggregated ? "sample" : "id")}}, table$id), ]
            compareColumn <- function(column, values) {
              theirs <- table[[column]]
              known <- !is.na(theirs)
              if (any(known)) compareRows(paste0("diagnostics.", column), values[known], theirs[known], 1e-4, 1e-2)
            }
            pdf(NULL)
            drawn <- baujat(rma(yi, vi, data = flat, {{Arguments(Flat(model) with { Test = TestChoice.Z })}}))
            compareColumn("baujatHeterogeneity", drawn$x)
            compareColumn("baujatInfluence", drawn$y)
            drawn <- radial(flatFit)
            compareColumn("radialPrecision", drawn$x)
            compareColumn("radialStandardised", drawn$y)
            invisible(dev.off())
            deleted <- influence(flatFit)
            compareColumn("studentizedResidual", deleted$inf$rstudent)
            compareColumn("dffits", deleted$inf$dffits)
            compareColumn("cooksDistance", deleted$inf$cook.d)
            compareColumn("covarianceRatio", deleted$inf$cov.r)
            compareColumn("tau2Deleted", deleted$inf$tau2.del)
            compareColumn("qDeleted", deleted$inf$QE.del)
            compareColumn("hat", deleted$inf$hat)
            compareColumn("weight", deleted$inf$weight)
            compareColumn("dfbeta", deleted$dfbs[[1]])
            logLikAt <- function(tau2) as.numeric(logLik(rma(yi, vi, data = flat, method = "{{method}}", tau2 = tau2)))
            best <- rma(yi, vi, data = flat, method = "{{method}}", control = list(threshold = 1e-10, maxiter = 10000))
            compare("diagnostics.profile.logLikelihood", as.numeric(logLik(best)), 1e-6)
            if ("diagnostics.profile.upper" %in% names(expected)) {
              compare("diagnostics.profile.cut", logLikAt(unname(expected["diagnostics.profile.upper"])), 1e-6)
            }
            {{(archive.ComparesSubsets ? """
                subsets <- gosh(flatFit, progbar = FALSE)$res
                subsets <- subsets[subsets$k > 1, ]
                compare("diagnostics.gosh.meanEffect", mean(subsets$estimate), 1e-6)
                compare("diagnostics.gosh.meanI2", mean(subsets$I2), 1e-4)
                """ : "cat(\"The subsets (gosh) are not compared: metafor would take minutes for them. gosh(flatFit) fits them.\\n\")")}}

            """;
    }

    private static string Selection(ArchiveAnalysis archive)
    {
        if (archive.Diagnostics is not { Baujat.Count: > 1 } || archive.Report.Bias?.Response is not { } bias)
        {
            return "";
        }

        var script = new StringBuilder("\n# Selection models, by maximum likelihood.\n"
            + "unselected <- rma(yi, vi, data = flat, method = \"ML\", control = list(threshold = 1e-10, maxiter = 10000))\n"
            + "selection <- function(...) tryCatch(suppressWarnings(selmodel(unselected, ...)), error = function(e) NULL)\n");
        if (bias.Selection is { Effect: not null, Coefficients: null } steps)
        {
            var cuts = string.Join(", ", steps.Steps.Where(step => step < 1).Select(step => FormattableString.Invariant($"{step:R}")));
            script.Append(System.Globalization.CultureInfo.InvariantCulture, $$"""
                chosen <- selection(type = "stepfun", steps = c({{cuts}}), alternative = "{{Alternative(steps.Direction)}}")
                if (!is.null(chosen)) {
                  compare("selection.effect", as.numeric(chosen$beta), 1e-3)
                  compare("selection.likelihoodRatio", chosen$LRT, 1e-2)
                }

                """);
        }

        if (archive.Selection.Count > 0)
        {
            // metafor stops at bounds and in local maxima.
            script.Append("""
                atLeast <- function(name, chosen) {
                  if (is.null(chosen) || !name %in% names(expected)) return(invisible())
                  value <- as.numeric(logLik(chosen))
                  agrees <- isTRUE(expected[[name]] >= value - 1e-4)
                  cat(sprintf("%-28s service %.6f  metafor %.6f  %s\n", name, expected[[name]], value, if (agrees) "agrees" else "DIFFERS"))
                  if (!agrees) failed <<- failed + 1
                }

                """);
        }

        foreach (var model in archive.Selection.Where(model => model.Converged))
        {
            script.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"atLeast(\"selection.{EnumNames<SelectionModelChoice>.Of(model.Function)}.logLikelihood\", ")
                .Append(System.Globalization.CultureInfo.InvariantCulture,
                    $"selection(type = \"{TypeOf(model.Function)}\", alternative = \"{Alternative(model.Direction)}\"))\n");
        }

        return script.ToString();
    }

    private static string Alternative(SelectionDirectionChoice direction) => direction == SelectionDirectionChoice.Less ? "less" : "greater";

    private static string TypeOf(SelectionModelChoice function) => function switch
    {
        SelectionModelChoice.HalfNormal => "halfnorm",
        SelectionModelChoice.NegativeExponential => "negexp",
        var other => EnumNames<SelectionModelChoice>.Of(other),
    };

    private static string Regression(ArchiveAnalysis archive)
    {
        if (archive.Regression is not { } fitted || archive.Coefficients is not { } regression)
        {
            return "";
        }

        var model = fitted.Fit.Model;
        var variables = fitted.Design.Moderators.Index().ToDictionary(m => m.Item.Name, m => $"m{m.Index + 1}", StringComparer.Ordinal);
        var columns = string.Join('\n', fitted.Design.Moderators.Select(m =>
            $"{variables[m.Name]} <- moderator({Quote(m.Name)}, {(m.IsContinuous ? "TRUE" : "FALSE")})"));
        var terms = string.Join(" + ", fitted.Design.Terms.Where(term => term.Count > 0).Select(term => string.Join(":", term.Term.Name.Split(':')
            .Select(factor => factor.Split('^') is [var name, var power] ? $"I({variables[name]}^{power})" : variables[factor]))));
        var isWhole = !fitted.Fit.Coefficients.Any(c => c.RestsOnOneSample);
        var pool = archive.Report.Pool!.Model;
        var comparison = model.Dependence switch
        {
            Dependence.Independent => UnivariateRegression(pool, model.Estimator, regression.Coefficients.Count, isWhole),
            _ when pool.Dependence.IsNested() => NestedRegression(pool, isWhole),
            _ => "cat(\"The regression is not compared: it is of composites of samples.\\n\")",
        };
        return $$"""

            # Regression on {{string.Join(", ", fitted.Design.Terms.Select(term => term.Term.Name)).ReplaceLineEndings(" ")}}.
            columns <- read.csv("effects.csv", colClasses = "character", check.names = FALSE, na.strings = "", fileEncoding = "UTF-8")
            moderator <- function(name, isNumber) {
              values <- columns[[name]]
              if (isNumber) as.numeric(values) else factor(values, levels = sort(unique(values), method = "radix"))
            }
            {{columns}}
            moderators <- data.frame({{string.Join(", ", variables.Values)}})
            whole <- complete.cases(moderators)
            X <- model.matrix(terms(~ {{terms}}, keep.order = TRUE), moderators[whole, , drop = FALSE])
            yi <- effects$yi[whole]
            vi <- effects$vi[whole]
            mods <- X[, -1, drop = FALSE]
            table <- read.csv("regression.csv", fileEncoding = "UTF-8")
            compareCoefficients <- function(column, values, tolerance) {
              compareRows(paste0("regression.", column), values, table[[column]], tolerance, 1e-3)
            }
            {{comparison}}

            """;
    }

    private const string NestedComparison = """
        compareCoefficients("standardError", reg$se, 1e-3)
        compareCoefficients("p", reg$pval, 1e-2)
        compareCoefficients("lower", reg$ci.lb, 1e-3)
        compareCoefficients("upper", reg$ci.ub, 1e-3)
        """;

    private const string OneSampleCoefficient = "cat(\"A coefficient rests on one sample: standard errors and tests are not compared.\\n\")";

    private static string UnivariateRegression(ModelResponse pool, Estimator estimator, int coefficients, bool isWhole)
    {
        var likelihood = estimator == Estimator.Common ? "EE" : "ML";
        return $$"""
            reg <- tryCatch(rma(yi, vi, mods = mods, {{Arguments(pool)}}), error = function(e) NULL)
            if (is.null(reg)) {
              cat("The regression is not compared: metafor finds its terms too nearly dependent.\n")
            } else {
            compareCoefficients("estimate", as.numeric(reg$beta), 1e-5)
            {{(isWhole ? """
                compareCoefficients("standardError", reg$se, 1e-5)
                compareCoefficients("p", reg$pval, 1e-4)
                compareCoefficients("lower", reg$ci.lb, 1e-5)
                compareCoefficients("upper", reg$ci.ub, 1e-5)
                compare("regression.test", reg$QM, 1e-4)
                compare("regression.p", reg$QMp, 1e-4)
                """ : OneSampleCoefficient)}}
            {{(coefficients < 3 ? "" : """
                compareRows("regression.vif", sapply(vif(reg)$vif, function(x) x$vif), table$vif[-1], 1e-4, 0)
                """)}}
            compare("regression.tau2", reg$tau2, 1e-4)
            compare("regression.q", reg$QE, 1e-6)
            compare("regression.r2", reg$R2, 1e-3)
            point <- predict(reg, newmods = mods[1, ])
            compare("regression.predicted.effect", point$pred, 1e-5)
            compare("regression.predicted.lower", point$ci.lb, 1e-5)
            compare("regression.predicted.upper", point$ci.ub, 1e-5)
            precise <- list(threshold = 1e-10, maxiter = 10000)
            full <- rma(yi, vi, mods = mods, method = "{{likelihood}}", control = precise)
            reduced <- rma(yi, vi, method = "{{likelihood}}", control = precise)
            compare("regression.likelihoodRatio", anova(full, reduced)$LRT, 1e-4)
            compare("regression.aic", AIC(full), 1e-6)
            compare("regression.aic.reduced", AIC(reduced), 1e-6)
            compare("regression.bic", BIC(full), 1e-6)
            if ("regression.permutationP" %in% names(expected)) {
              compare("regression.permutationP", permutest(reg, exact = TRUE, progbar = FALSE)$QMp, 1e-8)
            }
            }
            """;
    }

    // With the covariances and clusters of the pool. rma.mv stops its search for several variances earlier than we do.
    private static string NestedRegression(ModelResponse pool, bool isWhole)
    {
        var levels = pool.Dependence == Dependence.FourLevel ? "cluster/sample/id" : "sample/id";
        var covariance = pool.Dependence == Dependence.ThreeLevel ? "vi" : "V[whole, whole]";
        return $$"""
            nested <- function(mods, method) {
              rma.mv(yi, {{covariance}}, mods = mods, random = ~ 1 | {{levels}}, data = effects[whole, ],
                method = method, test = "{{TestOf(pool)}}", level = level)
            }
            reason <- NULL
            reg <- tryCatch(nested(mods, "{{MethodOf(pool)}}"), error = function(e) { reason <<- conditionMessage(e); NULL })
            if (is.null(reg)) {
              cat("The regression is not compared, as metafor cannot fit it:", reason, "\n")
            } else {
            compareCoefficients("estimate", as.numeric(reg$beta), 1e-3)
            compare("regression.tau2", sum(reg$sigma2), 1e-3)
            compare("regression.q", reg$QE, 1e-6)
            compare("regression.predicted.effect", predict(reg, newmods = mods[1, ])$pred, 1e-3)
            full <- nested(mods, "ML")
            reduced <- nested(~ 1, "ML")
            compare("regression.likelihoodRatio", 2 * as.numeric(logLik(full) - logLik(reduced)), 1e-3)
            compare("regression.aic", AIC(full), 1e-5)
            compare("regression.aic.reduced", AIC(reduced), 1e-5)
            compare("regression.bic", BIC(full), 1e-5)
            {{(isWhole ? NestedInference(pool.Robust) : OneSampleCoefficient)}}
            }
            """;
    }

    private static string NestedInference(RobustVarianceChoice robust) => robust switch
    {
        RobustVarianceChoice.None => NestedComparison,
        RobustVarianceChoice.Cr2 => $$"""
            if (requireNamespace("clubSandwich", quietly = TRUE)) {
            reg <- robust(reg, cluster = cluster[whole], clubSandwich = TRUE)
            {{NestedComparison}}
            }
            """,
        _ => "cat(\"The robust intervals of the coefficients are not compared: metafor's own have other degrees of freedom.\\n\")",
    };

    private static string Quote(string text) => System.Text.Json.JsonSerializer.Serialize(text);
}
