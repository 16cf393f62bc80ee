using System.Data;

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

using RealRelationship.Statistics;
using RealRelationship.Statistics.SessionCorrelations;
using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.Models;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Csv;
using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Erasure;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses.Associations;

/// <summary><c>/associations</c>: associations of a site's own sessions, compared with the pooled results of others.</summary>
internal static class AssociationsEndpoint
{
    private static readonly QueryParameter s_window = QueryParameter.Choice<OutcomeWindow>("window",
        "Relationship scores used for treatment outcome; default: the window of the site, the only one that is released.");

    private static readonly QueryParameter s_confidence = new("confidence", QueryParameterType.Number,
        "Confidence level of the intervals, in (0.5, 1).")
    { Default = "0.95", Minimum = 0.5, Maximum = 1, IsExclusive = true };

    private static readonly string[] s_tables = ["associations", "excluded"];

    /// <summary>The query parameters.</summary>
    internal static IReadOnlyList<QueryParameter> Parameters { get; } = [s_window, s_confidence, FilterTable.MinRevision];

    // Two-sided intervals of 95 % leave so many out at either end.
    private const double MaxReplicatesOutsideRange = 2.5;

    public static IEndpointRouteBuilder MapAssociations(this IEndpointRouteBuilder app)
    {
        app.MapGet("/associations", GetAssociations).WithTags("Analyse").WithName("associations").WithSummary("List associations of your own sessions")
            .WithDescription(
                "Returns the associations within clients, between clients and between therapists of the caller's own site, without suppression. Each has its "
                + "confidence interval, its position relative to the pooled prediction interval of all others, and whether it is released to others. "
                + "Submissions, amendments and erasures take effect immediately. Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters(Parameters).WithCsvTable(s_tables[0])
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);

        app.MapGet("/associations.csv", GetAssociations).WithTags("Analyse").WithName("downloadAssociations")
            .WithSummary("List associations of your own sessions as CSV")
            .WithDescription("Returns the associations, or the numbers of excluded scores, of `GET /associations` as a table. Needs scope `sessions:read`.")
            .RequireScope(Scopes.SessionsRead).WithQueryParameters([.. Parameters, .. CsvTables.TableParameters(s_tables)]).AsCsvTable(s_tables)
            .Produces<string>(StatusCodes.Status200OK, MediaTypes.Csv)
            .ProducesProblems(ProblemKind.Unauthenticated, ProblemKind.Forbidden, ProblemKind.Invalid, ProblemKind.Unavailable);
        return app;
    }

    internal static async Task<Results<Ok<AssociationsResponse>, Problem>> GetAssociations(HttpContext context, Database database, ColumnEncryption sealer,
        EvidenceSnapshotProvider snapshots, AnalysisService analyses, ChangeLog log, IOptions<AssociationOptions> sessions,
        IOptions<DisclosureOptions> thresholds)
    {
        var query = new QueryReader(context.Request.Query);
        var window = query.Choice<OutcomeWindow>("window") ?? sessions.Value.OutcomeWindow;
        var confidence = query.Number(s_confidence) ?? ResolvedModel.DefaultConfidence;
        var minRevision = query.Integer("minRevision");
        var problem = query.Errors.Count > 0 ? Problem.Invalid(query.Errors)
            : await snapshots.EnsureRevisionAsync(minRevision, "?minRevision", context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        var tenant = context.User.Tenant();
        var (revision, _) = await snapshots.ResolveAsync(null, "", context.RequestAborted);
        var snapshot = await snapshots.GetAsync(revision, context.RequestAborted);
        var (response, rejection) = await analyses.RunAsync<AssociationsResponse>(context, isCostly: snapshot.Count > AnalysisRun.MaxCheapEffects, async run =>
        {
            var size = await database.ReadAsync(connection => new SiteAssociationReader(connection, sealer, tenant, sessions.Value).Measure(window), run.Token);
            var allowsBootstrap = run.Fits(AnalysisCost.Associations(size, snapshot.Count));
            size = allowsBootstrap ? size : size with { BootstrappedAssociations = 0 };
            if (await run.AdmitAsync(AnalysisCost.Associations(size, snapshot.Count), "Without window, fewer patients have to be read.") is { } excess)
            {
                return (null, excess);
            }

            return (await database.ReadAsync(connection =>
            {
                using var scope = new CancellationScope(run.Token);
                var site = SiteResults.Read(connection, sealer, tenant, sessions.Value, window, confidence, allowsBootstrap, log);
                var standing = new SiteStanding(snapshot, tenant, confidence);
                AssociationResponse[] associations =
                    [.. site.Site.Associations.Select(a => ToResponse(a, standing.Of(a), site, sessions.Value.OutcomeWindow, thresholds.Value))];
                return new AssociationsResponse(associations, ToCounts(site.Site.Counts), ToExcluded(site.Site.Counts),
                    new(revision, window, confidence, site.Release?.Number, site.Release?.RecordedAt, BuildInfo.Version),
                    [.. Warnings(associations, sessions.Value, site.Site)]);
            }, run.Token), null);
        });
        return response is null ? rejection! : TypedResults.Ok(response);
    }

    private static ScoreCounts ToCounts(long[] counts) => new(counts.Sum(), counts[0], counts[1..].Sum());

    private static IReadOnlyList<ExcludedScores> ToExcluded(long[] counts) =>
        [.. Enum.GetValues<ExclusionReason>().Select(reason => new ExcludedScores(EnumNames<ExclusionReason>.Of(reason), counts[Exclusions.IndexOf(reason)]))
            .Where(e => e.Count > 0)];

    private static AssociationResponse ToResponse(SiteAssociation found, StandingDetails? standing, SiteResults site, OutcomeWindow window,
        DisclosureOptions thresholds)
    {
        var cell = found.Key;
        var isReleased = (found.Window is null || found.Window == window)
            && site.Release?.Content.Effects.Any(e => e.Cell == cell.Text && e.Level == found.Level && e.Basis == found.Basis) == true;
        return new()
        {
            OutcomeType = EnumNames<OutcomeType>.Parse(cell.OutcomeType),
            RelationshipRater = EnumNames<Rater>.Parse(cell.Relationship.Rater),
            OutcomeRater = EnumNames<Rater>.Parse(cell.Outcome.Rater),
            RelationshipInstrument = cell.Relationship.Instrument,
            RelationshipScale = cell.Relationship.Scale,
            OutcomeInstrument = cell.Outcome.Instrument,
            OutcomeScale = cell.Outcome.Scale,
            Level = EnumNames<EffectLevel>.Parse(found.Level),
            Statistic = found.AdjustedFor.Count > 0 ? AssociationStatistic.PartialR : AssociationStatistic.R,
            AdjustedFor = found.AdjustedFor,
            R = found.R,
            OutsideRange = found.OutsideRange,
            ReplicatesOutsideRange = found.ReplicatesOutsideRange,
            Lower = found.Lower,
            Upper = found.Upper,
            Z = found.Z,
            StandardError = found.StandardError,
            Df = found.Df,
            P = found.P,
            Patients = found.Patients,
            Therapists = found.Therapists,
            Sessions = found.Sessions,
            Window = found.Window,
            Basis = EnumNames<AssociationBasis>.Parse(found.Basis),
            Standing = standing?.Standing,
            StandingDifference = standing?.Difference,
            StandingLimit = standing?.Limit,
            StandingSites = standing?.Sites,
            StandingPredictionLower = standing?.PredictionLower,
            StandingPredictionUpper = standing?.PredictionUpper,
            Released = isReleased,
            SuppressedBecause = isReleased ? null : SuppressionReason(found, site, window, thresholds),
        };
    }

    private static string SuppressionReason(SiteAssociation found, SiteResults site, OutcomeWindow window, DisclosureOptions thresholds) =>
        !DisclosureControl.IsReleasable(found.Key.Text) ? "cellNotReleased"
        : found.Basis is SiteAssociation.Raw or SiteAssociation.Latent ? "basisNotReleased"
        : found.Window is { } own && own != window ? "windowNotReleased"
        : DisclosureControl.GetSuppressionReason([.. site.Cells[found.Key.Text]], thresholds) is var reason && reason != "notEstimable" ? reason
        : found.R is null ? reason
        : "tooFewNew";

    private static IEnumerable<Warning> Warnings(IReadOnlyList<AssociationResponse> associations, AssociationOptions options, SiteAssociations site)
    {
        if (site.CountsLoneClients)
        {
            yield return new("loneClientsCounted",
                $"There are more than {options.MaxBootstrapPatients} patients: scores of clients who are the only one of their therapist count as used.");
        }

        if (site.LacksLatentIntervals)
        {
            yield return new("noLatentInterval",
                "There are too many patients: latent correlations are given without the interval, for which each of them would be drawn a thousand times.");
        }

        if (associations.Count(a => a.OutsideRange) is > 0 and var outside)
        {
            yield return new("outsideRange",
                $"{outside} latent {(outside == 1 ? "correlation is" : "correlations are")} estimated beyond ±1, which sampling error alone can do: there is "
                    + "no value, and the interval ends at ±1.");
        }

        if (associations.Any(a => a is { OutsideRange: false, ReplicatesOutsideRange: > MaxReplicatesOutsideRange }))
        {
            yield return new("replicatesOutsideRange",
                $"In more than {MaxReplicatesOutsideRange} % of the bootstrap replicates of a latent correlation its estimate lies beyond ±1: its interval "
                    + "ends at ±1 for that.");
        }

        if (associations.Count(a => a is { R: null, OutsideRange: false }) is > 0 and var none)
        {
            yield return new("notEstimable", $"{none} of {associations.Count} associations cannot be estimated: too few people, or no variance.");
        }

        if (associations.Any(a => a is { Basis: AssociationBasis.Raw, R: not null }))
        {
            yield return new("sharedTrend",
                "Raw correlations within clients hold whatever trend relationship and outcome share; the detrended ones do not, and are what is released.");
        }
    }

    /// <summary>Results read from a site's running sums.</summary>
    private sealed record SiteResults(SiteAssociations Site, ILookup<string, AssociationState> Cells, SiteRelease? Release)
    {
        public static SiteResults Read(IDbConnection connection, ColumnEncryption sealer, string tenant, AssociationOptions own, OutcomeWindow window,
            double confidence, bool allowsBootstrap, ChangeLog log)
        {
            var site = new SiteAssociationReader(connection, sealer, tenant, own).Read(window, confidence, allowsBootstrap);
            var cells = AssociationState.ReadAll(connection, sealer, tenant)
                .ToLookup(cell => AssociationKey.Parse(cell.Key).AssociationText, StringComparer.Ordinal);
            return new(site, cells, ReleaseQueries.Latest(connection, tenant, log));
        }
    }
}
