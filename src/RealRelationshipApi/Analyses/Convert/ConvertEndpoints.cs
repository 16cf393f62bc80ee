using System.Text.Json;

using FluentValidation;

using Microsoft.AspNetCore.Http.HttpResults;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Http.Selection;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

using Option = RealRelationshipApi.Http.RequestOption<RealRelationshipApi.Studies.Contracts.Statistic>;

namespace RealRelationshipApi.Analyses.Convert;

/// <summary><c>/meta/convert</c>: converts a statistic to Fisher z.</summary>
internal static class ConvertEndpoints
{
    private static readonly IReadOnlyList<Option> s_options =
    [
        Example(Option.Choice<StatisticType>("type", "Type of statistic.", (s, v) => s with { Type = v ?? default }), "t", required: true),
        Example(Option.Number("value", "Value of the statistic.", (s, v) => s with { Value = v }), "3"),
        Option.Integer("n", "Number of participants.", (s, v) => s with { N = v }),
        Option.Integer("n1", "Number of participants in the first group (d, g, means, and t, f, p of two groups).", (s, v) => s with { N1 = v }),
        Option.Integer("n2", "Number of participants in the second group (d, g, means, and t, f, p of two groups).", (s, v) => s with { N2 = v }),
        Example(Option.Number("df", "Degrees of freedom (t, and r, partialR of level withinClient).", (s, v) => s with { Df = v }), "58"),
        Option.Integer("df1", "Numerator degrees of freedom, always 1 (f).", (s, v) => s with { Df1 = v }),
        Option.Number("df2", "Denominator degrees of freedom (f).", (s, v) => s with { Df2 = v }),
        Option.Integer("sign", "Direction of the statistic: 1 or -1 (f, chi2, p).", (s, v) => s with { Sign = v }),
        Option.Integer("covariates", "Number of covariates partialled out (partialR, semiPartialR).", (s, v) => s with { Covariates = v }),
        Option.Number("rSquared", "R² of the full model (semiPartialR).", (s, v) => s with { RSquared = v }),
        Option.Number("se", "Standard error of Fisher z (fisherZ).", (s, v) => s with { Se = v }),
        Option.Integer("tails", "Number of tails of the test: 1 or 2 (p).", (s, v) => s with { Tails = v }),
        Option.Choice<OddsRatioContrast>("contrast", "Contrast of the odds ratio.", (s, v) => s with { Contrast = v }),
        Option.Number("lower", "Lower confidence limit (oddsRatio; optional with r, partialR, spearman, kendall, fisherZ, d, g).",
            (s, v) => s with { Lower = v }),
        Option.Number("upper", "Upper confidence limit (oddsRatio; optional with r, partialR, spearman, kendall, fisherZ, d, g).",
            (s, v) => s with { Upper = v }),
        Option.Number("confidence", "Confidence level of the interval; default 0.95.", (s, v) => s with { Confidence = v }),
        Option.Choice<Dichotomized>("dichotomized", "Number of variables that are a dichotomized continuous variable (r, d, g, t, f, chi2, p, counts, means).",
            (s, v) => s with { Dichotomized = v }),
        new(new("proportions", QueryParameterType.Number, "Proportion in the upper part of each dichotomized variable; that of the groups first.")
        { Repeatable = true }, (s, query) => query.Numbers("proportions") is { Count: > 0 } proportions ? s with { Proportions = proportions } : s),
        Option.Number("yi", "Effect as Fisher z (effect).", (s, v) => s with { Yi = v }),
        Option.Number("vi", "Sampling variance of `yi` (effect).", (s, v) => s with { Vi = v }),
        Option.Integer("a", "Count of the low in both variables of a 2×2 table (counts).", (s, v) => s with { A = v }),
        Option.Integer("b", "Count of the low in the first variable and high in the second (counts).", (s, v) => s with { B = v }),
        Option.Integer("c", "Count of the high in the first variable and low in the second (counts).", (s, v) => s with { C = v }),
        Option.Integer("d", "Count of the high in both variables (counts).", (s, v) => s with { D = v }),
        Option.Number("mean1", "Mean of the first group (means).", (s, v) => s with { Mean1 = v }),
        Option.Number("sd1", "Standard deviation of the first group (means).", (s, v) => s with { Sd1 = v }),
        Option.Number("mean2", "Mean of the second group (means).", (s, v) => s with { Mean2 = v }),
        Option.Number("sd2", "Standard deviation of the second group (means).", (s, v) => s with { Sd2 = v }),
    ];

    public static IEndpointRouteBuilder MapConvert(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/convert", GetConversion).WithTags("Analyse").WithName("convertStatistic").WithSummary("Convert a statistic to Fisher z")
            .WithDescription("Converts a statistic as a submission would, and returns the formula and the variance. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters([.. s_options.Parameters(), MemberSelection.Parameter])
            .Produces<ConvertResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        app.MapPost("/meta/convert", PostConversion).WithTags("Analyse").WithName("convertStatisticBody")
            .WithSummary("Convert a statistic in the body to Fisher z")
            .WithDescription("The body is a statistic, or an object with the member `statistic`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Accepts<Statistic>(MediaTypes.Json).WithQueryParameters(MemberSelection.Parameter)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType,
                ProblemKind.Invalid);
        return app;
    }

    private static Option Example(Option option, string example, bool required = false) =>
        option with { Parameter = option.Parameter with { Example = example, Required = required } };

    private static async Task<IResult> GetConversion(HttpContext context, IValidator<Statistic> validator, AnalysisService analyses)
    {
        var query = new QueryReader(context.Request.Query);
        var statistic = s_options.Read(new Statistic { Type = default }, query);
        if (!context.Request.Query.ContainsKey("type"))
        {
            return Problem.Malformed(new FieldError("?type", ErrorCodes.Required, $"is required: one of {string.Join(", ", EnumNames<StatisticType>.All)}"));
        }

        return query.Errors.Count > 0
            ? Problem.Invalid(query.Errors)
            : await analyses.ReadAsync(context, _ => ConvertStatistic(statistic, validator.GetErrors(statistic), ErrorLocation.ToQueryPointer));
    }

    private static async Task<Results<Ok<ConvertResponse>, Problem>> PostConversion(HttpContext context, IValidator<Statistic> validator)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 8 }, context.RequestAborted);
        var isWrapped = IsWrapped(body.RootElement);
        var root = isWrapped ? "#/statistic" : "#";
        try
        {
            var statistic = (isWrapped ? body.RootElement.GetProperty("statistic") : body.RootElement).Deserialize<Statistic>(StrictJson.Options)
                ?? throw new InvalidJsonValueException("may not be null");
            return ConvertStatistic(statistic, validator.GetErrors(statistic), error => error with { Pointer = root + error.Pointer[1..] });
        }
        catch (JsonException error)
        {
            var errors = JsonDiagnosis.FindErrors(isWrapped ? body.RootElement.GetProperty("statistic") : body.RootElement, typeof(Statistic), error,
                context.RequestServices);
            return Problem.Invalid([.. errors.Select(f => f with { Pointer = root + f.Pointer[1..] })]);
        }
    }

    private static bool IsWrapped(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.GetPropertyCount() == 1 && body.GetRawText().AsSpan(1).TrimStart().StartsWith("\"statistic\"");

    private static Results<Ok<ConvertResponse>, Problem> ConvertStatistic(Statistic statistic, IReadOnlyList<FieldError> errors,
        Func<FieldError, FieldError> locate)
    {
        if (errors.Count > 0)
        {
            return Problem.Invalid([.. errors.Select(locate)]);
        }

        var (effect, error) = StatisticConversion.TryToFisherZ(statistic, EffectLevel.BetweenClient, sessions: null, "#");
        if (error is not null)
        {
            return Problem.Invalid([locate(error)]);
        }

        if (effect is not { } z)
        {
            return Problem.Invalid([locate(new FieldError("#/type", "notAllowed", "a published pooled result is shown beside ours and never converted"))]);
        }

        // d = 2 sinh z, so by the delta method its variance is (2 cosh z)² v = 4 v / (1 − r²).
        var d = z.Difference is { } groups ? new CohensDVarianceResponse(groups.D, groups.Variance)
            : new(FisherZ.ToCohensD(z.Estimate), 4 * z.Variance * Math.Cosh(z.Estimate) * Math.Cosh(z.Estimate));
        IEnumerable<string> notes = z.Difference is null ? z.Notes.Prepend(EffectNotes.AssumesEqualGroups).Distinct() : z.Notes;
        return TypedResults.Ok(new ConvertResponse(StoredEffect.Correlation(statistic, z.Estimate, signReversed: false), z.SampleSize,
            new(z.Estimate, z.Variance), d, HedgesG(z.Difference, z.SampleSize), z.Formula, z.Converted, z.Approximate, [.. notes.Select(EffectNotes.Of)]));
    }

    private static HedgesGVarianceResponse? HedgesG(GroupDifference? groups, double? n) => groups is null ? null
        : new(groups.G, Math.Pow(EffectSizeConversion.HedgesFactor(n!.Value - 2), 2) * groups.Variance);
}

/// <summary>A statistic converted to r, Fisher z and Cohen's d.</summary>
/// <param name="R">The correlation.</param>
/// <param name="N">Number of participants; null if the statistic does not include it.</param>
/// <param name="FisherZ">Fisher z with its sampling variance, as analysed.</param>
/// <param name="CohensD">Cohen's d with its variance: as submitted for two groups, else 2r/√(1 − r²) with equal groups.</param>
/// <param name="HedgesG">Hedges' g of two groups with its variance; null if no groups are known.</param>
/// <param name="Formula">Formulas of z and its variance.</param>
/// <param name="Converted">Whether the statistic is something else than a correlation.</param>
/// <param name="Approximate">Whether the variance is an approximation.</param>
/// <param name="Warnings">Assumptions and doubts; the codes of <c>notes</c> of stored effects.</param>
internal sealed record ConvertResponse(double R, double? N, FisherZResponse FisherZ, CohensDVarianceResponse CohensD, HedgesGVarianceResponse? HedgesG,
    string Formula, bool Converted, bool Approximate, IReadOnlyList<Warning> Warnings);

/// <param name="Yi">Fisher z.</param>
/// <param name="Vi">Its sampling variance.</param>
internal sealed record FisherZResponse(double Yi, double Vi);

/// <param name="D">Cohen's d.</param>
/// <param name="Variance">Its sampling variance.</param>
internal sealed record CohensDVarianceResponse(double D, double Variance);

/// <param name="G">Hedges' g: d corrected for the bias of small samples.</param>
/// <param name="Variance">Its sampling variance.</param>
internal sealed record HedgesGVarianceResponse(double G, double Variance);
