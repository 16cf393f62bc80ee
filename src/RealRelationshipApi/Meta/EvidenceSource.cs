using System.Data.Common;

using Microsoft.Extensions.Caching.Memory;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Gives the evidence of a revision. Snapshots are built once and shared; a new revision swaps in a new one.</summary>
public sealed class EvidenceSource(Database database, ChangeLog log, RevisionWatch watch, TimeProvider clock) : IDisposable
{
    private const int KeptSnapshots = 8;

    private readonly MemoryCache _snapshots = new(new MemoryCacheOptions { SizeLimit = KeptSnapshots });
    private readonly SemaphoreSlim _building = new(1);

    /// <summary>The revision that a question is about: the current one, or the one as of which it asks.</summary>
    /// <param name="asOf">A revision or an instant; the current revision when null.</param>
    /// <param name="pointer">What its caller called it.</param>
    /// <param name="cancellationToken">Ends when the caller leaves.</param>
    public async Task<(long Revision, Problem? Problem)> ResolveAsync(AsOf? asOf, string pointer, CancellationToken cancellationToken)
    {
        var current = watch.Current;
        return asOf switch
        {
            null => (current, null),
            { Revision: { } revision } when revision > current => (0, Future(pointer, $"the evidence is at revision {current}")),
            { Revision: { } revision } => (revision, null),
            { Instant: { } instant } when instant > clock.GetUtcNow() => (0, Future(pointer, "that instant is still to come")),
            _ => (await RevisionAtAsync(asOf.Instant!.Value, cancellationToken), null),
        };
    }

    public async Task<Evidence> AtAsync(long revision, CancellationToken cancellationToken)
    {
        if (_snapshots.TryGetValue(revision, out Evidence? known))
        {
            return known!;
        }

        await _building.WaitAsync(cancellationToken);
        try
        {
            if (_snapshots.TryGetValue(revision, out known))
            {
                return known!;
            }

            var built = await BuildAsync(revision, cancellationToken);
            _snapshots.Set(revision, built, new MemoryCacheEntryOptions { Size = 1 });
            return built;
        }
        finally
        {
            _building.Release();
        }
    }

    /// <summary>Every version of some studies, the first of each first.</summary>
    public async Task<IReadOnlyList<StudyRecord>> HistoryAsync(IEnumerable<string> studies, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        return [.. studies.SelectMany(key => StudyReads.History(connection, key))];
    }

    public void Dispose()
    {
        _snapshots.Dispose();
        _building.Dispose();
    }

    private async Task<long> RevisionAtAsync(DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        return StudyReads.RevisionAt(connection, instant);
    }

    // A replica that has not caught up yet is passed over.
    private async Task<Evidence> BuildAsync(long revision, CancellationToken cancellationToken)
    {
        await using (var replica = await database.OpenReplicaAsync(cancellationToken))
        {
            if (StudyReads.CurrentRevision(replica) >= revision)
            {
                return Build(replica, revision);
            }
        }

        await using var primary = await database.OpenReaderAsync(cancellationToken);
        return Build(primary, revision);
    }

    private Evidence Build(DbConnection connection, long revision) =>
        Evidence.From(revision, StudyReads.RecordedAt(connection, revision), StudyReads.At(connection, revision, log));

    private static Problem Future(string pointer, string why) => Problem.Invalid([new FieldError(pointer, "future", $"lies in the future: {why}")]);
}
