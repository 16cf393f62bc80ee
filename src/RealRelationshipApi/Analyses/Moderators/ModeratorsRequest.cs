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
            $"Moderator: a filter field, `year`, or `moderators.NAME`. Filter fields: {string.Join(", ", EvidenceSnapshot.ModeratorFields)}.",
            (r, v) => v.Count > 0 ? r with { By = v } : r).RequiredModerators("outcomeType") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.By).DistinctNames();
                rules.RuleForEach(q => q.By).NotNull().WithErrorCode(ErrorCodes.Null).WithMessage("may not be null").NotEmpty();
            },
        },
        Option.Choice("tauSquared", "One tau² for all levels, or a separate fit of each level.", (r, v) => r with { TauSquared = v }, TauSquaredChoice.Common),
        Option.Number("equivalenceMargin", "Equivalence margin: differences on Fisher z within ± this value are negligible.",
            (r, v) => r with { EquivalenceMargin = v }, "0.1") with
        { Rule = rules => rules.RuleFor(q => q.EquivalenceMargin).ExclusiveBetween(0, 100) },
    ];

    /// <summary>Moderators: for stored effects filter fields, <c>year</c> or <c>moderators.NAME</c>; for effects in the body members of their
    /// <c>moderators</c>.</summary>
    public required IReadOnlyList<string> By { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => By;

    /// <summary>One tau² for all levels, or a separate fit of each level; default common.</summary>
    public TauSquaredChoice? TauSquared { get; init; }

    /// <summary>Equivalence margin: differences on Fisher z within ± this value are negligible; default 0.1.</summary>
    public double? EquivalenceMargin { get; init; }
}
