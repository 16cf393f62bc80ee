using RealRelationshipApi.Analyses.Associations;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Reporting.Plots;

/// <summary><c>/associations.svg</c>: a site's associations with their intervals, each above the prediction interval of all others.</summary>
internal static class AssociationPlot
{
    public static IEndpointRouteBuilder MapAssociationPlot(this IEndpointRouteBuilder app)
    {
        app.MapGet("/associations.svg", AssociationsEndpoint.GetAssociations).WithTags("Look").WithName("drawAssociations")
            .WithSummary("Draw the associations of your own sessions")
            .WithDescription(
                "Shows each association of `GET /associations` with its confidence interval and, where others can be pooled, their prediction interval below. "
                + "The SVG has a text alternative, supports light and dark colour schemes, and contains no script. Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(AssociationsEndpoint.Parameters).WithMediaTypes(MediaTypes.Svg)
            .Produces<string>(StatusCodes.Status200OK, MediaTypes.Svg)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable)
            .AddEndpointFilter(async (invocation, next) => await next(invocation) is var result && ResultValue.Of(result) is AssociationsResponse response
                ? PlotEndpoints.WriteSvg(invocation.HttpContext, Draw(response)) : result);
        return app;
    }

    private static string Draw(AssociationsResponse response)
    {
        var interval = $"{ApaFormat.Confidence(response.Data.Confidence)} CI";
        ChartRow[] rows = [.. response.Associations.GroupBy(CellOf).SelectMany(cell => cell.SelectMany(RowsOf).Prepend(new(ChartRowKind.Heading, cell.Key)))];
        return new RowChart
        {
            Title = "Associations of your own sessions",
            Subtitle = $"{ApaFormat.Count(response.Counts.Used)} scores used, {ApaFormat.Count(response.Counts.Excluded)} excluded.",
            Description = string.Join(" ", response.Associations.Select(a => $"{CellOf(a)}, {LabelOf(a)}: {DescribeStanding(a)}.")),
            Headers = ("Level and basis", "Patients", $"r [{interval}]", ""),
            Rows = rows.Length > 0 ? rows : [new(ChartRowKind.Note, "There is no association yet: no session has scores of both.")],
            Notes = [.. response.Warnings.Select(w => w.Finding)],
            IsCorrelation = true,
            GuideLine = 0,
        }.Draw();
    }

    private static IEnumerable<ChartRow> RowsOf(AssociationResponse found)
    {
        if (found.R is null)
        {
            yield return new(ChartRowKind.Note, $"{LabelOf(found)}: cannot be estimated") { CountText = ApaFormat.Count(found.Patients) };
            yield break;
        }

        yield return new(ChartRowKind.Estimate, LabelOf(found))
        {
            Sublabel = DescribeStanding(found), CountText = ApaFormat.Count(found.Patients), Point = found.R, Lower = found.Lower, Upper = found.Upper,
            Size = 0.4,
        };
        if (found is { StandingPredictionLower: { } lower, StandingPredictionUpper: { } upper })
        {
            yield return new(ChartRowKind.Prediction, $"Prediction interval of {Phrasing.Plural((int)found.StandingSites!.Value, "other sample")}")
            {
                Lower = lower, Upper = upper,
            };
        }
    }

    private static string CellOf(AssociationResponse found) =>
        $"{found.RelationshipInstrument} ({Name(found.RelationshipRater)}) and {found.OutcomeInstrument} ({Name(found.OutcomeRater)})";

    private static string LabelOf(AssociationResponse found) => $"{Words(found.Level)}, {Words(found.Basis)}"
        + (found.AdjustedFor.Count > 0 ? $", adjusted for {string.Join(" and ", found.AdjustedFor)}" : "");

    private static string DescribeStanding(AssociationResponse found) => found.Standing switch
    {
        RealRelationship.Statistics.SessionCorrelations.Standing.Inside => "inside what is expected of other clinics",
        RealRelationship.Statistics.SessionCorrelations.Standing.Below => "below what is expected of other clinics",
        RealRelationship.Statistics.SessionCorrelations.Standing.Above => "above what is expected of other clinics",
        RealRelationship.Statistics.SessionCorrelations.Standing.TooFewToSay => "too few to compare with other clinics",
        _ => "not compared with other clinics",
    };

    private static string Name(Rater rater) => EnumNames<Rater>.Of(rater);

    private static string Words(EffectLevel level) => level switch
    {
        EffectLevel.WithinClient => "Within clients",
        EffectLevel.BetweenTherapist => "Between therapists",
        _ => "Between clients",
    };

    private static string Words(AssociationBasis basis) => basis switch
    {
        AssociationBasis.ObservedMeans => "observed means",
        AssociationBasis.Latent => "latent means",
        AssociationBasis.Raw => "raw",
        AssociationBasis.Detrended => "detrended",
        _ => "partial",
    };
}
