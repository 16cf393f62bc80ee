using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Regression;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Reporting.Plots.BubbleRequest>;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary>A bubble plot: the regression on <c>terms</c> along one of its numbers.</summary>
internal sealed record BubbleRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Texts("terms", "Term as of `/meta/regression`: a moderator, a power `a^2` of a number or an interaction `a:b`. At least one is of a number.",
            (r, v) => r with { Terms = v }).RequiredModerators("year") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Terms).DistinctNames();
                RegressionOptions.NoEmptyTerms<BubbleRequest>(rules, q => q.Terms);
            },
        },
        RegressionOptions.Kind<BubbleRequest>((r, v) => r with { Kind = v }, r => r.Kind),
        Option.Text("x", "Moderator along the horizontal axis; the first number of the terms if absent.", (r, v) => r with { X = v }) with
        { Rule = rules => RegressionOptions.NotEmptyName<BubbleRequest>(rules, q => q.X) },
    ];

    /// <summary>Terms of the regression, as of <c>/meta/regression</c>.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => AsRegression.ModeratorNames;

    /// <summary>Kind of moderators by name, where it is not that of their values.</summary>
    public IReadOnlyDictionary<string, ModeratorKind>? Kind { get; init; }

    /// <summary>Moderator along the horizontal axis; the first number of the terms when absent.</summary>
    public string? X { get; init; }

    /// <summary>The regression that is drawn.</summary>
    internal RegressionRequest AsRegression => new() { Terms = Terms, Kind = Kind, Model = Model, Filter = Filter };
}
