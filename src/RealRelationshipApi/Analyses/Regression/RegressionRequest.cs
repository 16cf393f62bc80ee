using FluentValidation;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Regression.RegressionRequest>;

namespace RealRelationshipApi.Analyses.Regression;

internal sealed record RegressionRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Texts("terms",
            $"Term: a filter field, `year`, or `moderators.NAME`. Filter fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => r with { Terms = v }).RequiredModerators("year") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Terms).DistinctNames();
                rules.RuleForEach(q => q.Terms).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        Option.Integer("permutations", "Adds a permutation test of all terms with this many permutations; exact if there are at most 5,000 in total.",
            (r, v) => r with { Permutations = v }) with
        { Rule = rules => rules.RuleFor(q => q.Permutations).InclusiveBetween(1, 100_000) },
        Option.Integer("bootstrap", "Adds a cluster wild bootstrap test of all terms with this many replicates, if effects are nested in samples.",
            (r, v) => r with { Bootstrap = v }) with
        { Rule = rules => rules.RuleFor(q => q.Bootstrap).InclusiveBetween(1, 2_000) },
        Option.Integer("seed", "Seed of the random number generator.", (r, v) => r with { Seed = v }, "1") with
        { Rule = rules => rules.RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue) },
    ];

    /// <summary>Terms of the regression, named like moderators.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => Terms;

    /// <summary>Number of permutations of the permutation test; no test when absent. Exact if there are at most 5,000 in total.</summary>
    public long? Permutations { get; init; }

    /// <summary>Number of replicates of the cluster wild bootstrap, if effects are nested; no test when absent.</summary>
    public long? Bootstrap { get; init; }

    /// <summary>Seed of the random number generator; default 1.</summary>
    public long? Seed { get; init; }
}
