using FluentValidation;

using RealRelationshipApi.Analyses;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Http;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Reporting.Reports.ReportRequest>;

namespace RealRelationshipApi.Reporting.Reports;

/// <summary>A report on stored effects.</summary>
internal sealed record ReportRequest : AnalysisRequest
{
    internal static IReadOnlyList<Option> Options { get; } =
    [
        new(QueryParameter.Choice<ReportPart>("parts", "Parts of the report; default all but bayes. Only these are computed, in this order.", repeatable: true),
            (request, query) => query.Choices<ReportPart>("parts") is { Count: > 0 } parts ? request with { Parts = parts } : request)
        {
            Rule = rules => rules.RuleFor(q => q.Model).Custom((model, context) =>
                UnusedOptions.CheckPosteriorPriors(model, context.InstanceToValidate.HasPriors, "parts=bayes", context)),
        },
    ];

    /// <summary>Parts of the report; default all but bayes.</summary>
    public IReadOnlyList<ReportPart>? Parts { get; init; }

    internal override bool HasPriors => Includes(ReportPart.Bayes);

    public bool Includes(ReportPart part) => Parts?.Contains(part) ?? part != ReportPart.Bayes;
}

/// <summary>Parts of a results section, by the reporting standards of the APA for quantitative meta-analyses (Appelbaum et al. 2018, American Psychologist 73,
/// 3–25) and PRISMA 2020 (Page et al. 2021, BMJ 372, n71), items 13, 16 and 19 to 22.</summary>
internal enum ReportPart
{
    /// <summary>Search, filter, flow of effects, registered studies, risk of bias.</summary>
    Selection,

    /// <summary>Scale, model, estimator, test, definitions, software.</summary>
    Model,

    /// <summary>The pooled effect, and the effects that it is pooled from.</summary>
    Estimate,

    /// <summary>Variation of effects.</summary>
    Heterogeneity,

    /// <summary>Prediction intervals.</summary>
    Prediction,

    /// <summary>The moderators of <c>/meta/news</c>, tested together.</summary>
    Moderators,

    /// <summary>Small-study effects, selection, and directions that registered studies report.</summary>
    Bias,

    /// <summary>Estimates without single effects, by other estimators and assumptions, and of subsets.</summary>
    Sensitivity,

    /// <summary>Several effects of one sample.</summary>
    Dependence,

    /// <summary>Certainty of the evidence.</summary>
    Certainty,

    /// <summary>How often the question was looked at.</summary>
    Looks,

    /// <summary>Posterior of the random-effects model and Bayes factors; only on request.</summary>
    Bayes,
}
