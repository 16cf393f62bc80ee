using System.Data.Common;
using System.Diagnostics;

using Microsoft.Extensions.Caching.Memory;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Studies;
using RealRelationshipApi.Studies.Contracts;

namespace RealRelationshipApi.Evidence;

/// <summary>Provides evidence snapshots. A snapshot is built once per revision and shared.</summary>
internal sealed class EvidenceSnapshotProvider(Database database, ChangeLog log, EvidenceRevisionMonitor revisionMonitor, TimeProvider clock,
    ILogger<EvidenceSnapshotProvider> logger) : IDisposable
{
    private const int MaxCachedSnapshots = 8;
    private const int MaxEffectsOfKeptSteps = 20_000;
    private static readonly TimeSpan s_replicaRetryDelay = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _snapshots = new(new MemoryCacheOptions { SizeLimit = MaxCachedSnapshots });
    private readonly SemaphoreSlim _building = new(1);
    private DateTimeOffset _replicaRetryAt;
    private EvidenceSnapshot? _latest;
    private long _latestWithdrawn;
    private KnownWithdrawals? _withdrawn;
    private KnownSteps? _steps;

    /// <summary>Number of revisions that the newest snapshot is behind the store.</summary>
    internal long RevisionLag => Math.Max(0, revisionMonitor.Current - (Volatile.Read(ref _latest)?.Revision ?? 0));

    /// <summary>Resolves a revision or instant to an existing revision.</summary>
    /// <param name="asOf">A revision or an instant; null for the current revision.</param>
    /// <param name="pointer">Location of the member, for errors.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public async Task<(long Revision, Problem? Problem)> ResolveAsync(AsOf? asOf, string pointer, CancellationToken cancellationToken)
    {
        switch (asOf)
        {
            case null:
                return (revisionMonitor.Current, null);
            case { Revision: { } revision }:
                return (revision, await EnsureRevisionAsync(revision, pointer, cancellationToken));
            case { Instant: { } instant } when instant > clock.GetUtcNow():
                return (0, FutureError(pointer, "that instant is still to come"));
            default:
                return (await database.ReadAsync(connection => StudyQueries.RevisionAt(connection, asOf.Instant!.Value), cancellationToken), null);
        }
    }

    /// <summary>Returns a problem if the store has not reached a revision yet, reading the store if this process does not know that revision.</summary>
    public async Task<Problem?> EnsureRevisionAsync(long? revision, string pointer, CancellationToken cancellationToken) =>
        revision is not { } required || required <= revisionMonitor.Current || required <= await revisionMonitor.RefreshAsync(cancellationToken)
            ? null
            : FutureError(pointer, $"the evidence is at revision {revisionMonitor.Current}");

    /// <summary>Evidence revision of the last withdrawal, on which the answers at all revisions depend; 0 without one.</summary>
    public async Task<long> WithdrawnAsync(CancellationToken cancellationToken)
    {
        var (current, known) = (revisionMonitor.Current, Volatile.Read(ref _withdrawn));
        if (known is null || known.Current != current)
        {
            known = new(current, await database.ReadAsync(Withdrawals.LatestRevision, cancellationToken));
            Volatile.Write(ref _withdrawn, known);
        }

        return known.Withdrawn;
    }

    public async Task<EvidenceSnapshot> GetAsync(long revision, CancellationToken cancellationToken)
    {
        var key = (revision, Withdrawn: await WithdrawnAsync(cancellationToken));
        if (_snapshots.TryGetValue(key, out EvidenceSnapshot? known))
        {
            EvidenceMetrics.SnapshotHit();
            return known!;
        }

        await _building.WaitAsync(cancellationToken);
        try
        {
            if (_snapshots.TryGetValue(key, out known))
            {
                EvidenceMetrics.SnapshotHit();
                return known!;
            }

            var started = Stopwatch.GetTimestamp();
            var built = await BuildAsync(revision, key.Withdrawn, cancellationToken);
            EvidenceMetrics.SnapshotBuilt(Stopwatch.GetElapsedTime(started));
            _snapshots.Set(key, built, new MemoryCacheEntryOptions { Size = 1 });
            return built;
        }
        finally
        {
            _building.Release();
        }
    }

    /// <summary>All versions of some studies and all releases of some sites, oldest first.</summary>
    public async Task<IReadOnlyList<StudyRecord>> HistoryAsync(IEnumerable<string> studies, CancellationToken cancellationToken)
    {
        var all = studies.ToLookup(ReleaseQueries.IsSiteName);
        var (keys, sites) = (all[false].ToList(), all[true].ToHashSet(StringComparer.Ordinal));
        return await database.ReadAsync(connection =>
        {
            var releases = sites.Count == 0 ? [] : ReleaseQueries.All(connection, log).Where(release => sites.Contains(release.Content.Site));
            return (IReadOnlyList<StudyRecord>)[.. keys.SelectMany(key => StudyQueries.EvidenceHistory(connection, key)), .. releases.Select(ReleasedStudy.Of)];
        }, cancellationToken);
    }

    /// <summary>The steps from one revision to a later one, each with the evidence before and after it. It reads the earlier state as a whole, and then what
    /// each step changed. The last ones read are kept for other questions, unless they take much memory.</summary>
    public async Task<IReadOnlyList<EvidenceStep>> StepsAsync(long from, long to, CancellationToken cancellationToken)
    {
        var withdrawn = await WithdrawnAsync(cancellationToken);
        if (Volatile.Read(ref _steps) is { } known && (known.From, known.To, known.Withdrawn) == (from, to, withdrawn))
        {
            return known.Steps;
        }

        var steps = await database.ReadAsync(connection => EvidenceQueries.Steps(connection, from, to, log, cancellationToken), cancellationToken);
        if (steps.Count > 0 && steps[^1].After.Count <= MaxEffectsOfKeptSteps)
        {
            Volatile.Write(ref _steps, new(from, to, withdrawn, steps));
        }

        return steps;
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _building.Dispose();
    }

    private async Task<EvidenceSnapshot> BuildAsync(long revision, long withdrawn, CancellationToken cancellationToken) =>
        await BuildFromReplicaAsync(revision, withdrawn, cancellationToken)
            ?? await database.ReadAsync(connection => Build(connection, revision, withdrawn), cancellationToken);

    // Null if the replica is behind, down or of another store; errors of the primary surface when that is read.
    private async Task<EvidenceSnapshot?> BuildFromReplicaAsync(long revision, long withdrawn, CancellationToken cancellationToken)
    {
        if (!database.HasReplica || clock.GetUtcNow() < _replicaRetryAt)
        {
            return null;
        }

        try
        {
            return await database.ReadReplicaAsync(
                replica => StudyQueries.CurrentRevision(replica) >= Math.Max(revision, withdrawn) ? Build(replica, revision, withdrawn) : null,
                cancellationToken);
        }
        catch (Exception error) when (database.ClassifyError(error) != StorageErrorKind.None)
        {
            logger.LogWarning("The read replica is passed over for {Seconds} s: {Reason}", s_replicaRetryDelay.TotalSeconds, error.Message);
            _replicaRetryAt = clock.GetUtcNow() + s_replicaRetryDelay;
            return null;
        }
    }

    // Extends the newest snapshot; an older revision is read as a whole and its snapshot not kept, as is all after a withdrawal.
    private EvidenceSnapshot Build(DbConnection connection, long revision, long withdrawn)
    {
        if (_latestWithdrawn != withdrawn)
        {
            Volatile.Write(ref _latest, null);
            _latestWithdrawn = withdrawn;
        }

        var evidence = _latest is { } known && known.Revision <= revision ? EvidenceQueries.Extend(known, connection, revision, log)
            : EvidenceQueries.AsOf(connection, revision, log);
        Volatile.Write(ref _latest, _latest is { } newest && newest.Revision > revision ? newest : evidence);
        return evidence;
    }

    private sealed record KnownWithdrawals(long Current, long Withdrawn);

    private sealed record KnownSteps(long From, long To, long Withdrawn, IReadOnlyList<EvidenceStep> Steps);

    private static Problem FutureError(string pointer, string why) => Problem.Invalid([new FieldError(pointer, "future", $"lies in the future: {why}")]);
}
