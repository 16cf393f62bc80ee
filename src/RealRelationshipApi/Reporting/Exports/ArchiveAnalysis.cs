using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bayes;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Diagnostics;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Reporting.Reports;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>What an archive has: the report, and the posterior, regression and diagnostics beside it, null where they cannot be computed.</summary>
internal sealed record ArchiveAnalysis(ReportAnalysis Report)
{
    // Rows up to which the script takes seconds for it.
    private const int MaxSubsetRows = 6;
    private const int MaxPermutedRows = 5;
    private const int MaxSelectionRows = 100;
    private const int AllPermutations = 5_000;

    public BayesResponse? Bayes { get; private init; }

    public DiagnosticsResponse? Diagnostics { get; private init; }

    public FittedRegression? Regression { get; private init; }

    public RegressionResponse? Coefficients { get; private init; }

    /// <summary>Selection models by weight functions.</summary>
    public IReadOnlyList<SelectionFunctionResponse> Selection { get; private init; } = [];

    /// <summary>Whether the script fits all subsets, too.</summary>
    public bool ComparesSubsets => Diagnostics is { Gosh: not null, Baujat.Count: <= MaxSubsetRows };

    public static AnalysisCost Cost(AnalysisSize size, ArchiveRequest request) => ReportAnalysis.Cost(size, request.Report)
        + AnalysisCost.Bayes(size, new() { PriorSensitivity = true }) + AnalysisCost.Diagnostics(size, Subsets(Math.Min(size.Effects, size.Samples)))
        + AnalysisCost.Regression(size, request.Regression)
        + (size.Samples <= MaxSelectionRows ? AnalysisCost.Biases(size, request.Selection) : default);

    /// <summary>Names of the moderators that the cost depends on.</summary>
    public static IReadOnlyList<string> ModeratorsOf(ArchiveRequest request) =>
        [.. ReportAnalysis.ModeratorsOf(request.Report).Union((request.Terms ?? []).Where(term => !string.IsNullOrEmpty(term))
            .SelectMany(term => term.Split(':').Select(factor => factor.Split('^')[0])), StringComparer.Ordinal)];

    public static (ArchiveAnalysis? Archive, Problem? Problem) Run(EffectSet effects, ArchiveRequest request, ErrorLocation location)
    {
        var (report, problem) = ReportAnalysis.Run(effects, request.Report, location);
        if (report?.Pool is not { } pool)
        {
            return (null, report?.PoolProblem ?? problem);
        }

        var regression = Computed<FittedRegression>.Of(() => FittedRegression.Of(effects, request.Regression, location));
        if (request.Terms is not null && regression.Problem is { } unknown)
        {
            return (null, unknown);
        }

        var fitted = regression.Response is { Design.Matrix.Columns: > 1 } some ? some : null;
        var flat = Computed<DiagnosticsResponse>.Of(() =>
            DiagnosticsAnalysis.Run(effects, Subsets(pool.Counts.Samples) with { Model = request.Regression.Model }, location)).Response;
        return (new(report)
        {
            Bayes = Computed<BayesResponse>.Of(() =>
                BayesAnalysis.Run(effects, new BayesRequest { Model = request.Model, PriorSensitivity = true }, location)).Response,
            Diagnostics = flat,
            Regression = fitted,
            Coefficients = fitted is null ? null : Computed<RegressionResponse>.Of(() => RegressionAnalysis.Respond(effects, fitted, request.Regression with
            {
                At = [FirstPoint(effects, fitted)],
                Permutations = fitted is { Fit.Model.IsNested: false, Frame.Count: <= MaxPermutedRows } ? AllPermutations : null,
            }, location)).Response,
            Selection = flat is { Baujat.Count: > 1 and <= MaxSelectionRows }
                && ResolvedModel.Resolve(request.Selection.Model, effects, location).Model is { } model
                ? BiasAnalysis.FitSelectionModels(effects, request.Selection, model) : [],
        }, null);
    }

    /// <summary>Adds the agreement of codings, which is that of now.</summary>
    public static async Task<(ArchiveAnalysis? Archive, Problem? Problem)> AddAgreementAsync(ArchiveAnalysis archive, ArchiveRequest request,
        EvidenceSnapshot evidence, AnalysisService analyses, AnalysisRun run) =>
        (archive with { Report = (await ReportAnalysis.AddAgreementAsync(archive.Report, request.Report, evidence, analyses, run)).Report! }, null);

    // All subsets, where the script compares them; otherwise they are no part of the archive.
    private static DiagnosticsRequest Subsets(double rows) => rows > MaxSubsetRows ? new() { Subsets = 1 } : new();

    // The values of the first effect that has all of them.
    private static SortedDictionary<string, ModeratorValue> FirstPoint(EffectSet effects, FittedRegression fitted)
    {
        var columns = fitted.Design.Moderators.Select(moderator => (moderator.Name, Values: effects.ModeratorValues(moderator.Name)!)).ToList();
        var first = Enumerable.Range(0, effects.Count).First(i => columns.TrueForAll(column => column.Values[i] is not null));
        return new(columns.ToDictionary(column => column.Name, column => column.Values[first]!.Value), StringComparer.Ordinal);
    }
}
