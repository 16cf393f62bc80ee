using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Bias;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Http;
using RealRelationshipApi.Reporting.Reports;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Reporting.Exports.ArchiveRequest>;

namespace RealRelationshipApi.Reporting.Exports;

/// <summary>An archive of a result.</summary>
internal sealed record ArchiveRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Texts("terms", "Term of the regression of the archive, as in `/meta/regression`; default `year`.",
            (request, terms) => terms.Count > 0 ? request with { Terms = terms } : request) with
        { Rule = rules => RegressionOptions.NoEmptyTerms(rules, request => request.Terms) },
    ];

    /// <summary>Terms of the regression; default <c>year</c>.</summary>
    public IReadOnlyList<string>? Terms { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => Regression.ModeratorNames;

    internal override bool HasPriors => true;

    /// <summary>The whole report.</summary>
    public ReportRequest Report => new() { Filter = Filter, Add = Add, Model = WithoutPriors, Defaults = Defaults };

    public RegressionRequest Regression => new() { Terms = Terms ?? ["year"], Model = WithoutPriors };

    /// <summary>The selection models with other weight functions that metafor has, too.</summary>
    public BiasRequest Selection => new()
    {
        Model = WithoutPriors,
        SelectionModels =
        [
            SelectionModelChoice.HalfNormal, SelectionModelChoice.NegativeExponential, SelectionModelChoice.Logistic, SelectionModelChoice.Power,
        ],
    };

    // Only the posterior and the sequence depend on them.
    private ModelRequest? WithoutPriors => Model is null ? null : Model with { PriorMuMean = null, PriorTau = null };
}
