using System.Text.Json;

using FluentValidation;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Caching;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Convert;

/// <summary><c>/meta/convert</c>: one statistic onto Fisher z, as a submission would have it.</summary>
public static class ConvertEndpoints
{
    private static readonly IReadOnlyList<QueryParameter> s_parameters = QueryParameter.ForRequest<Statistic>(
    [
        QueryParameter.Choice<StatisticType>("type", "The type of statistic.") with { Required = true, Example = "t" },
        new("value", QueryParameterType.Number, "The coefficient itself.") { Example = "3" },
        new("n", QueryParameterType.Integer, "Participants."),
        new("n1", QueryParameterType.Integer, "Participants of the first group (d, g)."),
        new("n2", QueryParameterType.Integer, "Participants of the second group (d, g)."),
        new("df", QueryParameterType.Number, "Degrees of freedom (t).") { Example = "58" },
        new("df1", QueryParameterType.Integer, "Numerator degrees of freedom (f): 1."),
        new("df2", QueryParameterType.Number, "Denominator degrees of freedom (f)."),
        new("sign", QueryParameterType.Integer, "1 or -1 (f, chi2, p)."),
        new("covariates", QueryParameterType.Integer, "Covariates partialled out (partialR, semiPartialR)."),
        new("rSquared", QueryParameterType.Number, "R² of the full model (semiPartialR)."),
        new("se", QueryParameterType.Number, "Standard error on Fisher z (fisherZ)."),
        new("tails", QueryParameterType.Integer, "1 or 2 (p)."),
        QueryParameter.Choice<OddsRatioContrast>("contrast", "What the odds ratio contrasts."),
        new("lower", QueryParameterType.Number, "Lower end of the interval (oddsRatio)."),
        new("upper", QueryParameterType.Number, "Upper end of the interval (oddsRatio)."),
        new("confidence", QueryParameterType.Number, "Confidence of the interval (oddsRatio), 0.95 when absent."),
        new("yi", QueryParameterType.Number, "The effect on Fisher z (effect)."),
        new("vi", QueryParameterType.Number, "Its sampling variance (effect)."),
    ]);

    public static IEndpointRouteBuilder MapConvert(this IEndpointRouteBuilder app)
    {
        app.MapGet("/meta/convert", GetConversion).WithTags("Analyse").WithName("convertStatistic").WithSummary("Converts a statistic to Fisher z")
            .WithDescription("As a submission would convert it, with the formula and its variance. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).WithResponseCaching().WithQueryParameters(s_parameters).Produces<ConvertResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid);
        app.MapPost("/meta/convert", PostConversion).WithTags("Analyse").WithName("convertStatisticBody")
            .WithSummary("Converts a statistic of the body to Fisher z")
            .WithDescription("The body is a statistic, alone or as the member `statistic`. Needs scope `meta:read`.")
            .RequireScope(Scopes.MetaRead).Accepts<Statistic>(MediaTypes.Json).Produces<ConvertResponse>()
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.ContentTooLarge, ProblemKind.UnsupportedMediaType,
                ProblemKind.Invalid)
            .WithExample(AnalysisExamples.Convert);
        return app;
    }

    private static async Task<IResult> GetConversion(HttpContext context, IValidator<Statistic> validator, AnalysisService analyses)
    {
        var query = new QueryReader(context.Request.Query);
        var type = query.Choice<StatisticType>("type");
        var statistic = new Statistic
        {
            Type = type ?? default, Value = query.Number("value"), N = query.Integer("n"), N1 = query.Integer("n1"), N2 = query.Integer("n2"),
            Df = query.Number("df"),
            Df1 = query.Integer("df1"), Df2 = query.Number("df2"), Sign = query.Integer("sign"), Covariates = query.Integer("covariates"),
            RSquared = query.Number("rSquared"),
            Se = query.Number("se"), Tails = query.Integer("tails"), Contrast = query.Choice<OddsRatioContrast>("contrast"), Lower = query.Number("lower"),
            Upper = query.Number("upper"), Confidence = query.Number("confidence"), Yi = query.Number("yi"), Vi = query.Number("vi"),
        };
        if (!context.Request.Query.ContainsKey("type"))
        {
            return Problem.Malformed(new FieldError("?type", ErrorCodes.Required, $"is required: one of {string.Join(", ", EnumNames<StatisticType>.All)}"));
        }

        return query.Errors.Count > 0
            ? Problem.Invalid(query.Errors)
            : await analyses.ExecuteAsync(context, _ => ConvertStatistic(statistic, validator.GetErrors(statistic).Select(AnalysisService.ToQueryPointer)));
    }

    private static async Task<IResult> PostConversion(HttpContext context, IValidator<Statistic> validator)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = 8 }, context.RequestAborted);
        var isWrapped = IsWrapped(body.RootElement);
        var root = isWrapped ? "#/statistic" : "#";
        try
        {
            var statistic = (isWrapped ? body.RootElement.GetProperty("statistic") : body.RootElement).Deserialize<Statistic>(StrictJson.Options)
                ?? throw new InvalidJsonValueException("may not be null");
            return ConvertStatistic(statistic, validator.GetErrors(statistic, root));
        }
        catch (JsonException error)
        {
            return Problem.Malformed([.. StrictJson.ToErrors(error).Select(f => f with { Pointer = root + f.Pointer[1..] })]);
        }
    }

    private static bool IsWrapped(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && body.GetPropertyCount() == 1 && body.GetRawText().AsSpan(1).TrimStart().StartsWith("\"statistic\"");

    private static IResult ConvertStatistic(Statistic statistic, IEnumerable<FieldError> errors)
    {
        if (errors.ToList() is { Count: > 0 } found)
        {
            return Problem.Invalid(found);
        }

        if (StatisticConversion.ToFisherZ(statistic) is not { } z)
        {
            return Problem.Invalid([new FieldError("#/type", "notAllowed", "a published pooled result is shown beside ours and never converted")]);
        }

        if (StudyEffect.IsExtreme(z.Estimate, z.Variance))
        {
            return Problem.Invalid([new FieldError("#/value", "tooExtreme", StudyEffect.TooExtremeMessage)]);
        }

        var r = StoredEffect.Correlation(statistic, z.Estimate, signReversed: false);
        // d = 2 sinh z, so by the delta method its variance is (2 cosh z)² v = 4 v / (1 − r²).
        return TypedResults.Ok(new ConvertResponse(r, z.SampleSize, new(z.Estimate, z.Variance),
            new(RealRelationship.Statistics.FisherZ.ToCohensD(z.Estimate), 4 * z.Variance * Math.Cosh(z.Estimate) * Math.Cosh(z.Estimate)),
            z.Formula, z.Converted, z.Approximate));
    }
}

/// <summary>A statistic on the scales of the field.</summary>
/// <param name="R">The correlation.</param>
/// <param name="N">Participants; null where the statistic does not carry them.</param>
/// <param name="FisherZ">Fisher z with its sampling variance: what is pooled.</param>
/// <param name="CohensD">Cohen's d = 2r/√(1 − r²) with its variance.</param>
/// <param name="Formula">How z and its variance were found.</param>
/// <param name="Converted">Whether the statistic is not itself a correlation.</param>
/// <param name="Approximate">Whether the variance is an approximation.</param>
public sealed record ConvertResponse(double R, double? N, FisherZResponse FisherZ, CohensDVarianceResponse CohensD, string Formula, bool Converted,
    bool Approximate);

public sealed record FisherZResponse(double Yi, double Vi);

public sealed record CohensDVarianceResponse(double D, double Variance);
