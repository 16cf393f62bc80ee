using System.Data.Common;

using Microsoft.Extensions.Caching.Memory;

using RealRelationshipApi.Http;
using RealRelationshipApi.Storage;
using RealRelationshipApi.Studies;

namespace RealRelationshipApi.Meta;

/// <summary>Gives the evidence of a revision. Snapshots are built once and shared; a new revision swaps in a new one.</summary>
/// <remarks>The revision is read from the store at every question, because other processes may write to it as well.</remarks>
public sealed class EvidenceSource(Database database, TimeProvider clock) : IDisposable
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
        await using var connection = await database.OpenReaderAsync(cancellationToken);
        var current = StudyReads.CurrentRevision(connection);
        return asOf switch
        {
            null => (current, null),
            { Revision: { } revision } when revision > current => (0, Future(pointer, $"the evidence is at revision {current}")),
            { Revision: { } revision } => (revision, null),
            { Instant: { } instant } when instant > clock.GetUtcNow() => (0, Future(pointer, "that instant is still to come")),
            _ => (StudyReads.RevisionAt(connection, asOf.Instant!.Value), null),
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

            await using var connection = await database.OpenReaderAsync(cancellationToken);
            var built = Build(connection, revision);
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

    private static Evidence Build(DbConnection connection, long revision) =>
        Evidence.From(revision, StudyReads.RecordedAt(connection, revision), StudyReads.At(connection, revision));

    private static Problem Future(string pointer, string why) => Problem.Invalid([new FieldError(pointer, "future", $"lies in the future: {why}")]);
}
