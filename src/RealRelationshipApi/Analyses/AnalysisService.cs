using System.Security.Cryptography;
using System.Text;

using Microsoft.AspNetCore.WebUtilities;

using RealRelationship.Statistics;

using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Analyses;

/// <summary>From a question to its effects, and from its effects to an answer or the reason why there is none.</summary>
public sealed class AnalysisService(EvidenceSnapshotProvider snapshots, AnalysisLimiter limiter)
{
    // What names revisions is not part of the question: the revisions that it names are.
    private static readonly string[] s_revisionParameters = ["asOf", "minRevision", "from", "to"];

    /// <summary>A question over the stored evidence: answered with an ETag, and with 304 where the caller has the answer.</summary>
    public Task<IResult> ExecuteAsync(HttpContext context, FilterRequest filter, Func<EffectSet, IResult> execute)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return ExecuteOnSnapshotAsync(context, filter, evidence => Compute(EvidenceSelection.Apply(filter, evidence), execute));
    }

    /// <summary>A question over the current evidence as a whole.</summary>
    public async Task<IResult> ExecuteAsync(HttpContext context, Func<EvidenceSnapshot, IResult> execute)
    {
        ArgumentNullException.ThrowIfNull(context);
        var query = new QueryReader(context.Request.Query);
        var filter = new FilterRequest { MinRevision = query.Integer("minRevision") };
        return query.Errors.Count > 0 ? Problem.Invalid(query.Errors) : await ExecuteOnSnapshotAsync(context, filter, execute);
    }

    /// <summary>A question over the stored evidence, answered also where its filter leaves nothing.</summary>
    internal async Task<IResult> ExecuteOnSnapshotAsync(HttpContext context, FilterRequest filter, Func<EvidenceSnapshot, IResult> execute)
    {
        var (revision, problem) = await ResolveAsync(filter, filter.AsOf, "asOf", ErrorLocation.InQuery, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        return await WithETagAsync(context, $"{revision}", async () =>
        {
            var evidence = await snapshots.GetAsync(revision, context.RequestAborted);
            return await limiter.RunAsync(() => execute(evidence), context.RequestAborted);
        });
    }

    /// <summary>A question in the body: over its own effects, or over the stored evidence.</summary>
    public async Task<IResult> ExecuteAsync(HttpContext context, AnalysisRequest request, Func<EffectSet, IResult> execute)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(request);
        if (request.Effects is { } effects)
        {
            return await limiter.RunAsync(() => Compute(InlineEffectMapper.ToEffectSet(effects), execute), context.RequestAborted);
        }

        var filter = request.Filter ?? new FilterRequest();
        var (revision, problem) = await ResolveAsync(filter, filter.AsOf, "asOf", ErrorLocation.InBody, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        var evidence = await snapshots.GetAsync(revision, context.RequestAborted);
        return await limiter.RunAsync(() => Compute(EvidenceSelection.Apply(filter, evidence), execute), context.RequestAborted);
    }

    /// <summary>A question of what changed between two revisions; one in the query string is answered with an ETag.</summary>
    internal async Task<IResult> ExecuteAsync(HttpContext context, ChangesRequest request, ErrorLocation location, Func<EvidenceDiff, IResult> execute)
    {
        var (from, to, problem) = await ResolveAsync(request, location, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        return location == ErrorLocation.InQuery ? await WithETagAsync(context, $"{from}-{to}", CompareAsync) : await CompareAsync();

        async Task<IResult> CompareAsync()
        {
            var changes = EvidenceDiff.Compare(request.Filter ?? new FilterRequest(),
                await snapshots.GetAsync(from, context.RequestAborted), await snapshots.GetAsync(to, context.RequestAborted));
            if (changes.Changes.Count > EvidenceDiff.MaxChanges)
            {
                return Problem.Invalid([new FieldError(location.Member("from"), "tooManyChanges",
                    $"{changes.Changes.Count} effects changed since then, and {EvidenceDiff.MaxChanges} are the most that can be followed: narrow the range "
                        + "or the filter")]);
            }

            var studies = changes.Changes.Select(change => change.Study).Distinct(StringComparer.Ordinal);
            var dated = changes.WithRevisions(await snapshots.HistoryAsync(studies, context.RequestAborted));
            return await limiter.RunAsync(() => execute(dated), context.RequestAborted);
        }
    }

    private async Task<(long From, long To, Problem? Problem)> ResolveAsync(ChangesRequest request, ErrorLocation location, CancellationToken cancellationToken)
    {
        var (from, fromProblem) = await snapshots.ResolveAsync(request.From, location.Member("from"), cancellationToken);
        var (to, toProblem) = await ResolveAsync(request.Filter ?? new FilterRequest(), request.To, "to", location, cancellationToken);
        FieldError[] errors = [.. fromProblem?.Errors ?? [], .. toProblem?.Errors ?? []];
        if (errors.Length == 0 && (from > to || request.From.Instant > request.To?.Instant))
        {
            errors = [new(location.Member("from"), "afterTo", "lies after to")];
        }

        return (from, to, errors.Length > 0 ? Problem.Invalid(errors) : null);
    }

    // The revision of a moment, which is not before the one that the caller has heard of.
    private async Task<(long Revision, Problem? Problem)> ResolveAsync(FilterRequest filter, AsOf? asOf, string name, ErrorLocation location,
        CancellationToken cancellationToken)
    {
        var minRevisionPointer = location.Filter("minRevision");
        if (await snapshots.EnsureRevisionAsync(filter.MinRevision, minRevisionPointer, cancellationToken) is { } future)
        {
            return (0, future);
        }

        var (revision, problem) = await snapshots.ResolveAsync(asOf, name == "asOf" ? location.Filter(name) : location.Member(name), cancellationToken);
        return problem is null && revision < filter.MinRevision
            ? (0, Problem.Invalid([new FieldError(minRevisionPointer, "afterAsOf", $"lies after {name}, which is revision {revision}")]))
            : (revision, problem);
    }

    /// <summary>Names a member of a body as the query parameter that it came from.</summary>
    internal static FieldError ToQueryPointer(FieldError error) => error with
    {
        Pointer = "?" + (error.Pointer.Split('/') is ["#", "filter" or "model", var option, ..] ? option : error.Pointer.Split('/')[1]),
    };

    private static IResult Compute(EffectSet effects, Func<EffectSet, IResult> execute)
    {
        if (effects.Count == 0)
        {
            return Problem.NotComputable("noEffects", effects.EmptyReason);
        }

        try
        {
            return execute(effects);
        }
        catch (StatisticsException error)
        {
            return Problem.NotComputable(error.Code, error.Message);
        }
    }

    private static async Task<IResult> WithETagAsync(HttpContext context, string revisions, Func<Task<IResult>> execute)
    {
        var eTag = ComputeETag(context, revisions);
        if (context.Request.MatchesIfNoneMatch(eTag))
        {
            context.Response.SetETag(eTag);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }
        var result = await execute();
        if (result is not Problem)
        {
            context.Response.SetETag(eTag);
        }

        return result;
    }

    // Over evidence revisions, canonical question, representation and software, and over nothing else.
    private static string ComputeETag(HttpContext context, string revisions)
    {
        var text = string.Join('\n', revisions, context.Request.Path, context.NegotiatedMediaTypeOf(), BuildInfo.BuildId,
            context.Request.CanonicalQuery(s_revisionParameters));
        return $"\"{WebEncoders.Base64UrlEncode(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 18))}\"";
    }
}
