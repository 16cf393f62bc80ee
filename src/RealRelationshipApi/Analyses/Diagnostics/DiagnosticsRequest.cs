using FluentValidation;

using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Diagnostics.DiagnosticsRequest>;

namespace RealRelationshipApi.Analyses.Diagnostics;

internal sealed record DiagnosticsRequest : AnalysisRequest, ISubsetRequest
{
    internal static IReadOnlyList<Option> Options { get; } = SubsetOptions.Of<DiagnosticsRequest>(
        (r, v) => r with { Subsets = v }, (r, v) => r with { Seed = v });

    /// <summary>Number of subsets drawn if there are more than 20 rows, 1 to 100,000; default 10,000, or 10,000,000 divided by the number of rows if that is
    /// less. Of up to 20 rows all subsets are fitted.</summary>
    public long? Subsets { get; init; }

    /// <summary>Seed of the random number generator; default 1.</summary>
    public long? Seed { get; init; }
}

/// <summary>A request that fits the model to subsets of the effects.</summary>
internal interface ISubsetRequest
{
    long? Subsets { get; }

    long? Seed { get; }
}

internal static class SubsetOptions
{
    private const int MaxSubsets = 100_000;

    public static IReadOnlyList<RequestOption<T>> Of<T>(Func<T, long?, T> setSubsets, Func<T, long?, T> setSeed) where T : ISubsetRequest =>
    [
        RequestOption<T>.Integer("subsets", "Number of subsets drawn if there are more than 20 rows, 1 to 100,000; default 10,000, fewer above 1,000 rows. "
            + "Of up to 20 rows all subsets are fitted.", setSubsets) with
        { Rule = rules => rules.RuleFor(q => q.Subsets).InclusiveBetween(1, MaxSubsets) },
        RequestOption<T>.Integer("seed", "Seed of the random number generator.", setSeed, "1") with
        { Rule = rules => rules.RuleFor(q => q.Seed).InclusiveBetween(0, int.MaxValue) },
    ];
}
