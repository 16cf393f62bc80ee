using System.Data.Common;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;

using RealRelationshipApi.Analyses.Changes;
using RealRelationshipApi.Analyses.Limits;
using RealRelationshipApi.Analyses.News;
using RealRelationshipApi.Documents;
using RealRelationshipApi.Evidence;
using RealRelationshipApi.Http;
using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Security.RateLimiting;
using RealRelationshipApi.Studies.Coding;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Analyses;

/// <summary>Evidence revisions of a response: none for effects in the body, two for a comparison.</summary>
internal sealed record EvidenceRevisions(long? From, long? Current)
{
    public static readonly EvidenceRevisions None = new(null, null);

    /// <summary>Revision of the last withdrawal of a released association, which leaves earlier revisions, too; 0 without one.</summary>
    public long Withdrawn { get; init; }

    /// <summary>Number of the last change of the documents that the response shows; 0 if it shows none.</summary>
    public long Documents { get; init; }

    /// <summary>Number of the last change of a coding, for responses that depend on codings; 0 for others.</summary>
    public long LastCoding { get; init; }

    public override string ToString() => (From is null ? $"{Current}" : $"{From}-{Current}") + (Withdrawn > 0 ? $"/{Withdrawn}" : "")
        + (Documents > 0 ? $"/documents {Documents}" : "") + (LastCoding > 0 ? $"/codings {LastCoding}" : "");
}

/// <summary>Snapshots of the evidence at these revisions.</summary>
internal sealed record EvidenceStates(EvidenceSnapshot? From, EvidenceSnapshot? Current);

/// <summary>Resolves the evidence revisions of a request, and runs its computation under the limiter.</summary>
internal sealed class AnalysisService(EvidenceSnapshotProvider snapshots, Database database, DocumentStore documents, ComputeLimiter limiter,
    AnalysisBudget budget, NewsCache news, IOptions<LimitOptions> limits, IHostApplicationLifetime lifetime)
{
    /// <summary>News that were computed before.</summary>
    public NewsCache News => news;

    /// <summary>Resolves the revision that a filter applies to.</summary>
    public async Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(FilterRequest filter, ErrorLocation location,
        CancellationToken cancellationToken)
    {
        var (revision, problem) = await ResolveAsync(filter, filter.AsOf, "asOf", location, cancellationToken);
        return (new(null, revision) { Withdrawn = await snapshots.WithdrawnAsync(cancellationToken) }, problem);
    }

    /// <summary>Resolves the two revisions of a comparison.</summary>
    public async Task<(EvidenceRevisions Revisions, Problem? Problem)> ResolveAsync(ChangesRequest request, ErrorLocation location,
        CancellationToken cancellationToken)
    {
        var (from, fromProblem) = await snapshots.ResolveAsync(request.From, location.Member("from"), cancellationToken);
        var (to, toProblem) = await ResolveAsync(request.Filter ?? new FilterRequest(), request.To, "to", location, cancellationToken);
        FieldError[] errors = [.. fromProblem?.Errors ?? [], .. toProblem?.Errors ?? []];
        if (errors.Length == 0 && (from > to || request.From.Instant > request.To?.Instant))
        {
            errors = [new(location.Member("from"), "afterTo", "lies after to")];
        }

        return (new(from, to) { Withdrawn = await snapshots.WithdrawnAsync(cancellationToken) }, errors.Length > 0 ? Problem.Invalid(errors) : null);
    }

    private async Task<EvidenceStates> LoadAsync(EvidenceRevisions revisions, CancellationToken cancellationToken) => new(
        revisions.From is { } from ? await snapshots.GetAsync(from, cancellationToken) : null,
        revisions.Current is { } current ? await snapshots.GetAsync(current, cancellationToken) : null);

    /// <inheritdoc cref="EvidenceSnapshotProvider.HistoryAsync"/>
    public Task<IReadOnlyList<StudyRecord>> HistoryAsync(IEnumerable<string> studies, CancellationToken cancellationToken) =>
        snapshots.HistoryAsync(studies, cancellationToken);

    /// <inheritdoc cref="EvidenceSnapshotProvider.WithdrawnAsync"/>
    public Task<long> WithdrawnAsync(CancellationToken cancellationToken) => snapshots.WithdrawnAsync(cancellationToken);

    /// <inheritdoc cref="EvidenceSnapshotProvider.StepsAsync"/>
    public Task<IReadOnlyList<EvidenceStep>> StepsAsync(long from, long to, CancellationToken cancellationToken) =>
        snapshots.StepsAsync(from, to, cancellationToken);

    /// <summary>Reads what is stored beside the evidence.</summary>
    public Task<T> QueryAsync<T>(Func<DbConnection, T> read, CancellationToken cancellationToken) => database.ReadAsync(read, cancellationToken);

    /// <summary>Responds from the current evidence as a whole, with an ETag; the only parameter is <c>minRevision</c>.</summary>
    public async Task<IResult> ReadAsync(HttpContext context, Func<EvidenceSnapshot, IResult> read)
    {
        var query = new QueryReader(context.Request.Query);
        var filter = new FilterRequest { MinRevision = query.Integer("minRevision") };
        if (query.Errors.Count > 0)
        {
            return Problem.Invalid(query.Errors);
        }

        var (revisions, problem) = await ResolveAsync(filter, ErrorLocation.InQuery, context.RequestAborted);
        if (problem is not null)
        {
            return problem;
        }

        return await RespondAsync(context, revisions, hasETag: true, effects: null, (evidence, _) => Task.FromResult(read(evidence.Current!)));
    }

    /// <summary>Loads the evidence, waits for a slot of the limiter and computes the result; 304 if <c>If-None-Match</c> matches.</summary>
    /// <param name="context">The request.</param>
    /// <param name="revisions">Evidence revisions of the result.</param>
    /// <param name="hasETag">Whether the result is determined by revisions, path and query alone, so that it has an ETag.</param>
    /// <param name="effects">Number of effects to select from; default: that of the evidence.</param>
    /// <param name="compute">Computes the result within a slot of the limiter. What may not be cheap has to be admitted by
    /// <see cref="AnalysisRun.AdmitAsync(AnalysisSize, Func{AnalysisSize, AnalysisCost})"/> first.</param>
    public async Task<IResult> RespondAsync(HttpContext context, EvidenceRevisions revisions, bool hasETag, int? effects,
        Func<EvidenceStates, AnalysisRun, Task<IResult>> compute)
    {
        var shown = await context.LoadDocumentsAsync(documents);
        var eTag = hasETag ? EvidenceETag.Compute(context, revisions with { Documents = shown, LastCoding = await context.LastCodingAsync(database) }) : null;
        if (eTag is not null && context.Request.MatchesIfNoneMatch(eTag))
        {
            return EvidenceETag.NotModified(context, eTag);
        }

        var evidence = await LoadAsync(revisions, context.RequestAborted);
        var isCostly = (effects ?? Math.Max(evidence.From?.Count ?? 0, evidence.Current?.Count ?? 0)) > AnalysisRun.MaxCheapEffects;
        var (computed, rejection) = await RunAsync<IResult>(context, isCostly, async run => (await compute(evidence, run), null));
        var result = computed ?? rejection!;
        if (eTag is not null && result is not Problem)
        {
            EvidenceETag.Set(context, eTag);
        }

        return result;
    }

    /// <summary>Waits for a slot of the limiter and computes a result: 503 if the wait would be too long, 422 <c>tooCostly</c> at the compute limit.</summary>
    /// <param name="context">The request.</param>
    /// <param name="isCostly">Whether the computation is known to cost more than a cheap one.</param>
    /// <param name="compute">Computes the result, or returns a problem.</param>
    public async Task<(T? Result, Problem? Problem)> RunAsync<T>(HttpContext context, bool isCostly,
        Func<AnalysisRun, Task<(T? Result, Problem? Problem)>> compute) where T : class
    {
        using var run = await AnalysisRun.TryStartAsync(limiter, budget, RateLimitClient.For(context), isCostly,
            TimeSpan.FromSeconds(limits.Value.ComputeSeconds), context.RequestAborted, lifetime.ApplicationStopping);
        if (run is null)
        {
            return (null, ComputeLimiter.Reject());
        }

        try
        {
            return await compute(run);
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            return (null, lifetime.ApplicationStopping.IsCancellationRequested ? new Problem(ProblemKind.Unavailable, "The service is stopping.")
                : run.TimedOut());
        }
    }

    // Resolves an instant or revision, and rejects one that is before minRevision.
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
}
