using System.Globalization;

using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>Tables of an archive beside effects and codebook, and the numbers that its script compares with.</summary>
internal static class ArchiveTables
{
    /// <summary>The tables by file name.</summary>
    public static IEnumerable<(string Name, IEnumerable<IEnumerable<string?>> Rows)> Of(ArchiveAnalysis archive)
    {
        if (archive.Bayes is { } bayes)
        {
            yield return ("bayes.csv", ResponseTable.OfParts(bayes).ToRows());
            yield return ("bayes-studies.csv", ResponseTable.Of(bayes, "studies").ToRows());
            yield return ("bayes-inclusion.csv", ResponseTable.Of(bayes, "inclusion").ToRows());
            yield return ("bayes-priors.csv", ResponseTable.Of(bayes, "priorSensitivity").ToRows());
        }

        if (archive.Diagnostics is not null)
        {
            yield return ("diagnostics.csv", Diagnostics(archive));
        }

        if (archive.Coefficients is { } regression)
        {
            yield return ("regression.csv", ResponseTable.Of(regression, "coefficients").ToRows());
        }
    }

    /// <summary>Numbers that the script compares with, by name.</summary>
    public static IEnumerable<(string Name, double Value)> Expected(ArchiveAnalysis archive) => All(archive)
        .Where(number => number.Value is not null).Select(number => (number.Name, number.Value!.Value));

    private static IEnumerable<(string Name, double? Value)> All(ArchiveAnalysis archive)
    {
        if (archive.Diagnostics is { } diagnostics)
        {
            yield return ("diagnostics.profile.logLikelihood", diagnostics.Profile?.LogLikelihood);
            yield return ("diagnostics.profile.upper", diagnostics.Profile?.Upper);
            yield return ("diagnostics.profile.cut", diagnostics.Profile?.Cut);
            if (archive.ComparesSubsets)
            {
                yield return ("diagnostics.gosh.meanEffect", diagnostics.Gosh?.MeanEffect);
                yield return ("diagnostics.gosh.meanI2", diagnostics.Gosh?.MeanI2);
            }
        }

        if (archive.Coefficients is { } regression)
        {
            yield return ("regression.test", regression.Test?.Statistic);
            yield return ("regression.p", regression.Test?.P);
            yield return ("regression.tau2", regression.Residual.Tau2);
            yield return ("regression.q", regression.Residual.Q);
            yield return ("regression.r2", regression.R2);
            yield return ("regression.predicted.effect", regression.Predicted?[0].Effect);
            yield return ("regression.predicted.lower", regression.Predicted?[0].Lower);
            yield return ("regression.predicted.upper", regression.Predicted?[0].Upper);
            yield return ("regression.likelihoodRatio", regression.LikelihoodRatio?.Statistic);
            yield return ("regression.aic", regression.LikelihoodRatio?.Full.Aic);
            yield return ("regression.aic.reduced", regression.LikelihoodRatio?.Reduced.Aic);
            yield return ("regression.bic", regression.LikelihoodRatio?.Full.Bic);
            yield return ("regression.permutationP", regression.PermutationTest is { Exact: true } exact ? exact.P : null);
        }

        if (archive.Report.Bias?.Response?.Selection is { Coefficients: null } steps)
        {
            yield return ("selection.effect", steps.Effect);
            yield return ("selection.tau2", steps.Tau2);
            yield return ("selection.likelihoodRatio", steps.LikelihoodRatio);
        }

        foreach (var model in archive.Selection.Where(model => model.Converged))
        {
            yield return ($"selection.{EnumNames<Analyses.Models.SelectionModelChoice>.Of(model.Function)}.logLikelihood", model.LogLikelihood);
        }
    }

    private static IEnumerable<IEnumerable<string?>> Diagnostics(ArchiveAnalysis archive)
    {
        yield return ["id", "baujatHeterogeneity", "baujatInfluence", "radialPrecision", "radialStandardised", "studentizedResidual", "dffits",
            "cooksDistance", "covarianceRatio", "tau2Deleted", "qDeleted", "hat", "weight", "dfbeta"];
        var diagnostics = archive.Diagnostics!;
        var influence = (archive.Report.Sensitivity?.Response?.Influence ?? []).ToDictionary(row => row.Id, StringComparer.Ordinal);
        foreach (var (baujat, point) in diagnostics.Baujat.Zip(diagnostics.Radial.Points))
        {
            var row = influence.GetValueOrDefault(baujat.Id);
            double?[] numbers =
            [
                baujat.Heterogeneity, baujat.Influence, point.Precision, point.Standardised, row?.StudentizedResidual, row?.Dffits, row?.CooksDistance,
                row?.CovarianceRatio, row?.Tau2Deleted, row?.QDeleted, row?.Hat, row?.Weight, row?.Dfbeta,
            ];
            yield return [baujat.Id, .. numbers.Select(number => number?.ToString("R", CultureInfo.InvariantCulture) ?? "")];
        }
    }
}
