using FluentValidation;

using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Changes.ChangesRequest>;

namespace RealRelationshipApi.Analyses.Changes;

/// <summary>Compares two states of the stored evidence, selected by a filter. Effects in the body are rejected, as they have no history.</summary>
internal sealed record ChangesRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        new(new("from", QueryParameterType.Text, "Earlier state of the evidence: an evidence revision, or a date and time with UTC offset.")
        { Required = true, Example = "16" }, (r, query) => AsOf.Read(query, "from") is { } from ? r with { From = from } : r)
        {
            Requirement = $"is required: {AsOf.AcceptedForms}",
            Rule = rules =>
            {
                rules.RuleFor(q => q.Effects).Null().WithErrorCode(ErrorCodes.NotAValue)
                    .WithMessage("must be left out: effects of a body have no history; give a filter over the stored ones");
                rules.RuleFor(q => q.Add).Null().WithErrorCode(ErrorCodes.NotAValue)
                    .WithMessage("must be left out: hypothetical effects have no history");
                rules.RuleFor(q => q.Filter!.AsOf).Null().When(q => q.Filter is not null).WithErrorCode(ErrorCodes.NotAValue)
                    .WithMessage("must be left out: from and to say when");
                rules.RuleFor(q => q.From).IsRepresentableInstant();
            },
        },
        new(new("to", QueryParameterType.Text, "Later state of the evidence, in the same forms; default: the current revision."),
            (r, query) => r with { To = AsOf.Read(query, "to") })
        { Rule = rules => rules.RuleFor(q => q.To).IsRepresentableInstant() },
    ];

    /// <summary>Earlier state: an evidence revision, or a date and time. The future is rejected.</summary>
    public required AsOf From { get; init; }

    /// <summary>Later state, not before <c>from</c>; default: the current revision.</summary>
    public AsOf? To { get; init; }
}
