using FluentValidation;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Analyses.Plan.PlanRequest>;

namespace RealRelationshipApi.Analyses.Plan;

/// <summary>What new studies are to achieve.</summary>
internal enum PlanTarget
{
    /// <summary>A confidence interval of r no wider than <c>value</c>.</summary>
    Width,

    /// <summary>A confidence interval without 0.</summary>
    ExcludesZero,

    /// <summary>A confidence interval beyond ±<c>value</c> on r.</summary>
    ExcludesMargin,

    /// <summary>A confidence interval of the difference between levels <c>a</c> and <c>b</c> of <c>by</c> without 0.</summary>
    Contrast,
}

internal sealed record PlanRequest : AnalysisRequest
{
    public const double DefaultPower = 0.8;

    private const int MinParticipants = 4;
    private const string OnlyContrast = "is for target contrast only";

    internal static IReadOnlyList<Option> Options { get; } =
    [
        Option.Choice<PlanTarget>("target", "What new studies are to achieve: a confidence interval of r no wider than `value`, without 0, or beyond ±`value` "
                + "(default: `equivalence`, otherwise .10); or one without 0 of the difference between levels `a` and `b` of `by`.",
            (r, v) => v is { } target ? r with { Target = target } : r)
            .Required("excludesMargin", "is required: width, excludesZero, excludesMargin or contrast"),
        Option.Number("value", "Full width of the interval on r, required for `width`, or margin on r for `excludesMargin`; in (0, 1).",
            (r, v) => r with { Value = v }).WithExample("0.3") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Value).ExclusiveBetween(0, 1);
                rules.RuleFor(q => q.Value).NotNull().When(q => q.Target == PlanTarget.Width).WithMessage("is required for target width");
                rules.RuleFor(q => q.Value).Null().When(q => q.Target is PlanTarget.ExcludesZero or PlanTarget.Contrast).WithErrorCode("notAllowed")
                    .WithMessage("is for targets width and excludesMargin only");
            },
        },
        Option.Number("assumedR", "Assumed true correlation of new studies, in (−1, 1); default: the present estimate, for `contrast` that of level `a`.",
            (r, v) => r with { AssumedR = v }) with
        { Rule = rules => rules.RuleFor(q => q.AssumedR).ExclusiveBetween(-1, 1) },
        Option.Number("power", "Probability of achieving the target, in (0, 1); not for `width`.", (r, v) => r with { Power = v }, "0.8") with
        {
            Rule = rules =>
            {
                rules.RuleFor(q => q.Power).ExclusiveBetween(0, 1);
                rules.RuleFor(q => q.Power).Null().When(q => q.Target == PlanTarget.Width).WithErrorCode("notAllowed")
                    .WithMessage("does not apply to target width, which is an expected width");
            },
        },
        Option.Integer("n", "Participants of each new study: the response has the number of studies. Without it, the response has the participants of one "
                + "new study.", (r, v) => r with { N = v }).WithExample("100") with
        { Rule = rules => rules.RuleFor(q => q.N).InclusiveBetween(MinParticipants, StudyPlanning.MaxParticipants) },
        Option.Text("by", "Categorical moderator of `contrast`: a filter field or `moderators.NAME`.", (r, v) => r with { By = v }) with
        { Rule = rules => OfContrast(rules, q => q.By) },
        Option.Text("a", "Level of `by` that new studies are of.", (r, v) => r with { A = v }) with { Rule = rules => OfContrast(rules, q => q.A) },
        Option.Text("b", "Level of `by` to compare with.", (r, v) => r with { B = v }) with
        {
            Rule = rules =>
            {
                OfContrast(rules, q => q.B);
                rules.RuleFor(q => q.B).NotEqual(q => q.A).When(q => q.A is not null).WithErrorCode("notAllowed").WithMessage("must differ from a");
            },
        },
    ];

    /// <summary>What new studies are to achieve.</summary>
    public required PlanTarget Target { get; init; }

    /// <summary>Full width of the interval on r, required for width, or margin on r for excludesMargin, default <c>model.equivalence</c>, otherwise 0.1; in
    /// (0, 1).</summary>
    public double? Value { get; init; }

    /// <summary>Assumed true correlation of new studies, in (−1, 1); default: the present estimate, for contrast that of level a.</summary>
    public double? AssumedR { get; init; }

    /// <summary>Probability of achieving the target, in (0, 1); default 0.8. Not for width.</summary>
    public double? Power { get; init; }

    /// <summary>Participants of each new study, to plan the number of studies; without it, the participants of one study are planned.</summary>
    public long? N { get; init; }

    /// <summary>Categorical moderator of contrast.</summary>
    public string? By { get; init; }

    /// <summary>Level of <c>by</c> that new studies are of.</summary>
    public string? A { get; init; }

    /// <summary>Level of <c>by</c> to compare with.</summary>
    public string? B { get; init; }

    internal override IReadOnlyList<string> ModeratorNames => By is { } by ? [by] : [];

    private static void OfContrast(AbstractValidator<PlanRequest> rules, System.Linq.Expressions.Expression<Func<PlanRequest, string?>> member)
    {
        rules.RuleFor(member).NotEmptyIfGiven();
        rules.RuleFor(member).NotNull().When(q => q.Target == PlanTarget.Contrast).WithMessage("is required for target contrast");
        rules.RuleFor(member).Null().When(q => q.Target != PlanTarget.Contrast).WithErrorCode("notAllowed").WithMessage(OnlyContrast);
    }
}
