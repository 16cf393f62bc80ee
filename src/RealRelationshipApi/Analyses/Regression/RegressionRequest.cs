using FluentValidation;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Studies.Contracts;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Regression.RegressionRequest>;

namespace RealRelationshipApi.Analyses.Regression;

internal sealed record RegressionRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Texts("terms",
            "Term: a moderator, a power `a^2` of a number (up to 6) or an interaction `a:b` (of up to 4). Moderators: a filter field, `year`, or "
                + $"`moderators.NAME`. Filter fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => r with { Terms = v }).RequiredModerators("year") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Terms).DistinctNames();
                rules.RuleForEach(q => q.Terms).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        RegressionOptions.Kind<RegressionRequest>((r, v) => r with { Kind = v }, r => r.Kind),
        Option.Boolean("centred", "Takes its mean over the effects from each number, before powers and interactions.", (r, v) => r with { Centred = v },
            "false"),
        RegressionOptions.At,
        Option.Boolean("marginalMeans",
            "Adds the mean of each level of each categorical moderator: other numbers at their means, levels of others with equal weights.",
            (r, v) => r with { MarginalMeans = v }, "false"),
        Option.Texts("drop", "Term left out of the smaller model of the likelihood-ratio test; all terms if absent.",
            (r, v) => v.Count > 0 ? r with { Drop = v } : r) with
        { Rule = rules => RegressionOptions.TermRules(rules, q => q.Drop, q => q.Drop) },
        Option.Texts("scaleTerms", "Term of ln tau² in a location–scale model beside the regression, like `terms`. For independent or aggregated effects.",
            (r, v) => v.Count > 0 ? r with { ScaleTerms = v } : r) with
        { Rule = rules => RegressionOptions.TermRules(rules, q => q.ScaleTerms, q => q.ScaleTerms) },
        Option.Integer("permutations", "Adds a permutation test of all terms and of each coefficient with this many permutations; exact if there are no more "
                + "in total, or at most 5,000.",
            (r, v) => r with { Permutations = v }) with
        { Rule = rules => rules.RuleFor(q => q.Permutations).InclusiveBetween(1, 100_000) },
        Option.Integer("bootstrap", "Adds a cluster wild bootstrap test of all terms with this many replicates, if effects are nested in samples.",
            (r, v) => r with { Bootstrap = v }) with
        { Rule = rules => rules.RuleFor(q => q.Bootstrap).InclusiveBetween(1, 2_000) },
        Option.Integer("seed", "Seed of the random number generator.", (r, v) => r with { Seed = v }, "1") with
        { Rule = rules => rules.RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue) },
    ];

    /// <summary>Terms of the regression: moderators, powers <c>a^2</c> of a number, and interactions <c>a:b</c>. If <c>a:b</c> is a term without <c>a</c> or
    /// <c>b</c>, factors have all their levels in it, as in R.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    internal override IReadOnlyList<string> ModeratorNames =>
        [.. AllTerms.Concat(AllTerms.SelectMany(term => term.Split(':', '^'))).Distinct(StringComparer.Ordinal)];

    /// <summary>Terms of the mean and of the scale.</summary>
    internal IReadOnlyList<string> AllTerms => [.. Terms.Concat(ScaleTerms ?? []).Where(term => !string.IsNullOrEmpty(term))];

    /// <summary>Kind of moderators by name, where it is not that of their values: numeric codes as <c>categorical</c>, with a level for each code in numeric
    /// order, or texts that are numbers as <c>continuous</c>.</summary>
    public IReadOnlyDictionary<string, ModeratorKind>? Kind { get; init; }

    /// <summary>Whether the mean over the effects is taken from each number, before powers and interactions; default false. <c>at</c> has the numbers
    /// themselves.</summary>
    public bool? Centred { get; init; }

    /// <summary>Values of moderators at which the regression is predicted, at most 100 points. What a point does not name is at its mean (numbers), or has
    /// equal weights (levels).</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, ModeratorValue>>? At { get; init; }

    /// <summary>Whether to add the mean of each level of each categorical moderator; default false.</summary>
    public bool? MarginalMeans { get; init; }

    /// <summary>Terms left out of the smaller model of the likelihood-ratio test; all terms when absent.</summary>
    public IReadOnlyList<string>? Drop { get; init; }

    /// <summary>Terms of ln tau² in a location–scale model beside the regression; none when absent.</summary>
    public IReadOnlyList<string>? ScaleTerms { get; init; }

    /// <summary>Number of permutations of the permutation test of all terms and of each coefficient; no test when absent. Exact if there are no more in
    /// total, or at most 5,000.</summary>
    public long? Permutations { get; init; }

    /// <summary>Number of replicates of the cluster wild bootstrap, if effects are nested; no test when absent.</summary>
    public long? Bootstrap { get; init; }

    /// <summary>Seed of the random number generator; default 1.</summary>
    public long? Seed { get; init; }
}
