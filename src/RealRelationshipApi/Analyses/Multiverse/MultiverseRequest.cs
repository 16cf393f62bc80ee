using FluentValidation;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Multiverse.MultiverseRequest>;

namespace RealRelationshipApi.Analyses.Multiverse;

/// <summary>A declared list of choices; every combination of them is a specification.</summary>
internal sealed record MultiverseRequest : AnalysisRequest
{
    public const int MaxSpecifications = 2_000;
    public const int DefaultPermutations = 999;

    private const int MaxModerators = 5;

    internal static IReadOnlyList<Option> Options { get; } =
    [
        new(QueryParameter.Choice<Estimator>("estimators", "Estimators of τ²; default reml, ml, dl, pm and common.", repeatable: true),
            (r, query) => query.Choices<Estimator>("estimators") is { Count: > 0 } values ? r with { Estimators = values } : r)
        {
            Rule = rules => rules.RuleFor(q => q.Estimators).NotEmptyIfGiven().Distinct(ErrorCodes.Repeated, "must name each estimator once"),
        },
        new(QueryParameter.Choice<Dependence>("dependences",
                "Treatments of dependent effects; default that of the model and, if effects are dependent, also aggregate and threeLevel.", repeatable: true),
            (r, query) => query.Choices<Dependence>("dependences") is { Count: > 0 } values ? r with { Dependences = values } : r)
        {
            Rule = rules => rules.RuleFor(q => q.Dependences).NotEmptyIfGiven().Distinct(ErrorCodes.Repeated, "must name each treatment once"),
        },
        new(new("rhos", QueryParameterType.Number, "Values of rho, for aggregate and correlatedHierarchical; default that of the model.")
            { Repeatable = true }, (r, query) => query.Numbers("rhos") is { Count: > 0 } values ? r with { Rhos = values } : r)
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Rhos).NotEmptyIfGiven().Distinct(ErrorCodes.Repeated, "must hold each value once");
                rules.RuleForEach(q => q.Rhos).InclusiveBetween(0, MaxRho);
            },
        },
        Option.Texts("by", "Selections: all effects, or only those with one level of this categorical moderator. "
            + $"A filter field or `moderators.NAME`, at most {MaxModerators}. Filter fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => v.Count > 0 ? r with { By = v } : r) with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.By).NotEmptyIfGiven().MaxCount(MaxModerators, "moderators").Distinct(ErrorCodes.Repeated, "names a moderator twice");
                rules.RuleForEach(q => q.By).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        Option.Integer("permutations", "Number of sign changes of the test of the median, 1 to 10,000; all if there are at most 12 samples.",
            (r, v) => r with { Permutations = v }, "999") with
        { Rule = rules => rules.RuleFor(q => q.Permutations).InclusiveBetween(1, 10_000) },
        Option.Integer("seed", "Seed of the random number generator.", (r, v) => r with { Seed = v }, "1") with
        { Rule = rules => rules.RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue) },
    ];

    private const double MaxRho = 0.99;

    /// <summary>Estimators of τ²; default reml, ml, dl, pm and common. A nested model takes reml and ml only: the other combinations are left out.</summary>
    public IReadOnlyList<Estimator>? Estimators { get; init; }

    /// <summary>Treatments of dependent effects; default that of the model and, if effects are dependent, also aggregate and threeLevel.</summary>
    public IReadOnlyList<Dependence>? Dependences { get; init; }

    /// <summary>Values of rho, for aggregate and correlatedHierarchical; default that of the model.</summary>
    public IReadOnlyList<double>? Rhos { get; init; }

    /// <summary>Categorical moderators: all effects, or only those with one of the levels, for each.</summary>
    public IReadOnlyList<string>? By { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => By ?? [];

    /// <summary>Number of sign changes of the test of the median, 1 to 10,000; default 999. All if there are at most 12 samples.</summary>
    public long? Permutations { get; init; }

    /// <summary>Seed of the random number generator; default 1.</summary>
    public long? Seed { get; init; }
}
