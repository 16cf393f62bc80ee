using RealRelationship.Statistics;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Regression;

namespace RealRelationshipApi.Reporting;

/// <summary>Describes a meta-regression in words.</summary>
internal static class RegressionPhrasing
{
    /// <summary>Its test, residual heterogeneity, counts and model.</summary>
    public static string Describe(FittedRegression regression)
    {
        var fit = regression.Fit;
        var residual = fit.Heterogeneity;
        var test = fit.Nested?.RobustOmnibus is { } robust ? F(robust.F, robust.NumeratorDegreesOfFreedom, robust.DenominatorDegreesOfFreedom, robust.PValue)
            : fit.Omnibus is not { } omnibus ? "There is no test of the terms"
            : omnibus.DenominatorDegreesOfFreedom is { } df ? F(omnibus.Statistic, omnibus.NumeratorDegreesOfFreedom, df, omnibus.PValue)
            : $"QM({omnibus.NumeratorDegreesOfFreedom}) = {ApaFormat.Number(omnibus.Statistic)}, p {ApaFormat.PValue(omnibus.PValue)}";
        var explained = fit.RSquared is { } share ? $", R² = {ApaFormat.Percent(share)}" : "";
        return $"{test}{explained}; residual tau² = {ApaFormat.Number(residual.TauSquared, 3)}{Interval(residual.TauSquaredInterval, fit.Model.Confidence)}; "
            + $"{Phrasing.DescribeCounts(regression.Frame.Counts())}. Terms: {string.Join(", ", regression.Design.Terms.Select(term => term.Term.Name))}. "
            + $"{Plots.PlotText.Capitalize(Phrasing.Describe(ResponseMapper.Model(fit)))}.";
    }

    private static string F(double statistic, int df1, double? df2, double? p) =>
        $"F({df1}, {(df2 is { } df ? ApaFormat.Number(df, df == Math.Round(df) ? 0 : 1) : ApaFormat.NotEstimable)}) = {ApaFormat.Number(statistic)}, "
            + $"p {ApaFormat.PValue(p)}";

    private static string Interval(Interval? interval, double confidence) => interval is { } limits
        ? $", {ApaFormat.Confidence(confidence)} CI [{ApaFormat.Number(limits.Lower, 3)}, {ApaFormat.Number(limits.Upper, 3)}]" : "";
}
