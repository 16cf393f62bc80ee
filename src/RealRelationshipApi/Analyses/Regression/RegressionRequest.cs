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
            $"A filter field, `year`, or `moderators.NAME`; repeat it for several terms. Fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => r with { Terms = v }).RequiredModerators("year") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Terms).DistinctNames();
                rules.RuleForEach(q => q.Terms).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        Option.Integer("permutations", "Adds a permutation test of the omnibus with so many permutations; exact when there are no more than 5,000 in all.",
            (r, v) => r with { Permutations = v }) with
        { Rule = rules => rules.RuleFor(q => q.Permutations).InclusiveBetween(1, 100_000) },
        Option.Integer("bootstrap", "Adds a cluster wild bootstrap of the omnibus with so many replicates, where effects are nested in samples.",
            (r, v) => r with { Bootstrap = v }) with
        { Rule = rules => rules.RuleFor(q => q.Bootstrap).InclusiveBetween(1, 2_000) },
        Option.Integer("seed", "Start of the generator of chance.", (r, v) => r with { Seed = v }, "1") with
        { Rule = rules => rules.RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue) },
    ];

    /// <summary>Terms of the regression: named as moderators are.</summary>
    public required IReadOnlyList<string> Terms { get; init; }

    /// <summary>How many permutations the permutation test may draw; none is made when absent. Exact when there are no more than 5,000 in all.</summary>
    public long? Permutations { get; init; }

    /// <summary>How many replicates the cluster wild bootstrap draws, where effects are nested; none is made when absent.</summary>
    public long? Bootstrap { get; init; }

    /// <summary>Start of the generator of chance; 1 when absent.</summary>
    public long? Seed { get; init; }
}
