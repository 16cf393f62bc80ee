using FluentValidation;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Moderators.ModeratorsRequest>;

namespace RealRelationshipApi.Analyses.Moderators;

internal sealed record ModeratorsRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Texts("by",
            $"A filter field, `year`, or `moderators.NAME`; repeat it for several breakdowns. Fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => v.Count > 0 ? r with { By = v } : r).RequiredModerators("outcomeType") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.By).DistinctNames();
                rules.RuleForEach(q => q.By).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        Option.Choice("tauSquared", "One tau² for all levels, or each level fitted alone.", (r, v) => r with { TauSquared = v }, TauSquaredChoice.Common),
        Option.Number("equivalenceMargin", "Differences on Fisher z inside ± this margin count as none.",
            (r, v) => r with { EquivalenceMargin = v }, "0.1") with
        { Rule = rules => rules.RuleFor(q => q.EquivalenceMargin).ExclusiveBetween(0, 100) },
    ];

    /// <summary>Moderators to break down by: members of <c>moderators</c> for effects of the body, filter fields,
    /// <c>year</c> or <c>moderators.NAME</c> over the store.</summary>
    public required IReadOnlyList<string> By { get; init; }

    /// <summary>common when absent.</summary>
    public TauSquaredChoice? TauSquared { get; init; }

    /// <summary>Differences on Fisher z inside ± this margin count as none; 0.1 when absent.</summary>
    public double? EquivalenceMargin { get; init; }
}
