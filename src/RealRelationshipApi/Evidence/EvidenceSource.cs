using System.Data.Common;
using System.Diagnostics;

using Microsoft.Extensions.Caching.Memory;

using RealRelationshipApi.Http;
using RealRelationshipApi.Sessions.Releases;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Gives the evidence of a revision. Snapshots are built once and shared; a new revision swaps in a new one.</summary>
public sealed class EvidenceSource(Database database, ChangeLog log, RevisionWatch watch, TimeProvider clock, ILogger<EvidenceSource> logger) : IDisposable
{
    private const int KeptSnapshots = 8;
    private static readonly TimeSpan s_pauseOfReplica = TimeSpan.FromSeconds(10);

    private readonly MemoryCache _snapshots = new(new MemoryCacheOptions { SizeLimit = KeptSnapshots });
    private readonly SemaphoreSlim _building = new(1);
    private DateTimeOffset _replicaIsBack;
    private Evidence? _newest;

    /// <summary>By how many revisions the newest snapshot is behind the store.</summary>
    internal long Behind => Math.Max(0, watch.Current - (Volatile.Read(ref _newest)?.Revision ?? 0));

    /// <summary>The revision that a question is about: the current one, or the one as of which it asks.</summary>
    /// <param name="asOf">A revision or an instant; the current revision when null.</param>
    /// <param name="pointer">What its caller called it.</param>
    /// <param name="cancellationToken">Ends when the caller leaves.</param>
    public async Task<(long Revision, Problem? Problem)> ResolveAsync(AsOf? asOf, string pointer, CancellationToken cancellationToken)
    {
        switch (asOf)
        {
            case null:
                return (watch.Current, null);
            case { Revision: { } revision }:
                return (revision, await ReachAsync(revision, pointer, cancellationToken));
            case { Instant: { } instant } when instant > clock.GetUtcNow():
                return (0, Future(pointer, "that instant is still to come"));
            default:
                return (await database.ReadAsync(connection => StudyReads.RevisionAt(connection, asOf.Instant!.Value), cancellationToken), null);
        }
    }

    /// <summary>The problem where the evidence has not come to a revision yet; null where it has, although this process may only have learnt of it by asking.</summary>
    public async Task<Problem?> ReachAsync(long? revision, string pointer, CancellationToken cancellationToken) =>
        revision is not { } wanted || wanted <= watch.Current || wanted <= await watch.AskAsync(cancellationToken)
            ? null
            : Future(pointer, $"the evidence is at revision {watch.Current}");

    public async Task<Evidence> AtAsync(long revision, CancellationToken cancellationToken)
    {
        if (_snapshots.TryGetValue(revision, out Evidence? known))
        {
            MetaMeter.Hit();
            return known!;
        }

        await _building.WaitAsync(cancellationToken);
        try
        {
            if (_snapshots.TryGetValue(revision, out known))
            {
                MetaMeter.Hit();
                return known!;
            }

            var started = Stopwatch.GetTimestamp();
            var built = await BuildAsync(revision, cancellationToken);
            MetaMeter.Built(Stopwatch.GetElapsedTime(started));
            _snapshots.Set(revision, built, new MemoryCacheEntryOptions { Size = 1 });
            return built;
        }
        finally
        {
            _building.Release();
        }
    }

    /// <summary>Every version of some studies and every release of some sites, the first of each first.</summary>
    public async Task<IReadOnlyList<StudyRecord>> HistoryAsync(IEnumerable<string> studies, CancellationToken cancellationToken)
    {
        var all = studies.ToLookup(ReleaseReads.IsSiteName);
        var (keys, sites) = (all[false].ToList(), all[true].ToHashSet(StringComparer.Ordinal));
        return await database.ReadAsync(connection =>
        {
            var releases = sites.Count == 0 ? [] : ReleaseReads.All(connection).Where(release => sites.Contains(release.Content.Site));
            return (IReadOnlyList<StudyRecord>)[.. keys.SelectMany(key => StudyReads.History(connection, key)), .. releases.Select(ReleasedStudy.Of)];
        }, cancellationToken);
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _building.Dispose();
    }

    private async Task<Evidence> BuildAsync(long revision, CancellationToken cancellationToken) =>
        await BuildByReplicaAsync(revision, cancellationToken) ?? await database.ReadAsync(connection => Build(connection, revision), cancellationToken);

    // A replica that has not caught up yet, is down or is not one of this store is passed over; what is wrong with the store itself, the store says.
    private async Task<Evidence?> BuildByReplicaAsync(long revision, CancellationToken cancellationToken)
    {
        if (!database.HasReplica || clock.GetUtcNow() < _replicaIsBack)
        {
            return null;
        }

        try
        {
            await using var replica = await database.OpenReplicaAsync(cancellationToken);
            return StudyReads.CurrentRevision(replica) >= revision ? Build(replica, revision) : null;
        }
        catch (Exception error) when (database.FaultOf(error) != StorageFault.None)
        {
            logger.LogWarning("The read replica is passed over for {Seconds} s: {Reason}", s_pauseOfReplica.TotalSeconds, error.Message);
            _replicaIsBack = clock.GetUtcNow() + s_pauseOfReplica;
            return null;
        }
    }

    // What is known already is extended; an older revision is read as a whole, and forgotten with its snapshot.
    private Evidence Build(DbConnection connection, long revision)
    {
        var evidence = _newest is { } known && known.Revision <= revision ? EvidenceReads.After(known, connection, revision, log) : EvidenceReads.At(connection, revision, log);
        Volatile.Write(ref _newest, _newest is { } newest && newest.Revision > revision ? newest : evidence);
        return evidence;
    }

    private static Problem Future(string pointer, string why) => Problem.Invalid([new FieldError(pointer, "future", $"lies in the future: {why}")]);
}
