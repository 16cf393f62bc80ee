using FluentValidation;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Changes.ChangesRequest>;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Which effects moved the estimate between two states of the stored evidence. Effects of a body have no history: there is only the filter.</summary>
internal sealed record ChangesRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        new(new("from", QueryParameterType.Text, "The earlier state of the evidence: an evidence revision, or an instant with its offset.")
        { Required = true, Example = "16" }, (r, query) => AsOf.Read(query, "from") is { } from ? r with { From = from } : r)
        {
            Requirement = $"is required: {AsOf.AcceptedForms}",
            Rule = rules =>
            {
                rules.RuleFor(q => q.Effects).Null().WithErrorCode(ErrorCodes.NotAValue)
                    .WithMessage("must be left out: effects of a body have no history; give a filter over the stored ones");
                rules.RuleFor(q => q.Filter!.AsOf).Null().When(q => q.Filter is not null).WithErrorCode(ErrorCodes.NotAValue)
                    .WithMessage("must be left out: from and to say when");
                rules.RuleFor(q => q.From).IsRepresentableInstant();
            },
        },
        new(new("to", QueryParameterType.Text, "The later state, in the same forms; the current revision when absent."),
            (r, query) => r with { To = AsOf.Read(query, "to") })
        { Rule = rules => rules.RuleFor(q => q.To).IsRepresentableInstant() },
    ];

    /// <summary>The earlier state: an evidence revision, or an instant. The future is refused.</summary>
    public required AsOf From { get; init; }

    /// <summary>The later state, not before <c>from</c>; the current revision when absent.</summary>
    public AsOf? To { get; init; }
}
