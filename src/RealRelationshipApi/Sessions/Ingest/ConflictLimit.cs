using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Sessions.Ingest;

/// <summary>Limits the contents of one version of a measure that contradict the stored one: whoever may write, but not read, could find a score by trying
/// all of them.</summary>
internal sealed class ConflictLimit(WriteTransaction transaction, string tenant)
{
    /// <summary>Maximum number of different contents per day (UTC).</summary>
    public const int MaxPerDay = 5;

    private readonly string _day = Today(transaction);
    private readonly Dictionary<(Pseudonym Measure, long Version), HashSet<string>> _contents = [];

    private readonly QueuedResult<List<long>> _today = transaction.ForTenant(tenant).EnqueueQuery<long>(
        "SELECT version FROM content_conflict WHERE tenant = @tenant AND day = @day LIMIT 1", new { day = Today(transaction) });

    /// <summary>Seconds until the next day begins.</summary>
    public static int RetryAfterSeconds(TimeProvider clock) => (int)Math.Ceiling((TimeSpan.FromDays(1) - clock.GetUtcNow().TimeOfDay).TotalSeconds);

    /// <summary>Whether no further content of that version is compared today.</summary>
    public bool IsReached(SessionMeasure measure) => ContentsOf(measure).Count >= MaxPerDay;

    /// <summary>Counts a content that contradicts the stored one, until the end of the request.</summary>
    public void Add(SessionMeasure measure) => ContentsOf(measure).Add(Convert.ToHexString(measure.ContentHash));

    /// <summary>Counts contents durably, even if nothing else of the request is stored.</summary>
    public static void Record(WriteTransaction transaction, string tenant, IEnumerable<SessionMeasure> conflicts)
    {
        var (day, isFirst) = (Today(transaction), true);
        foreach (var measure in conflicts)
        {
            if (isFirst)
            {
                transaction.ForTenant(tenant).Enqueue("DELETE FROM content_conflict WHERE tenant = @tenant AND day < @day", new { day });
                isFirst = false;
            }

            transaction.ForTenant(tenant).Enqueue(
                """
                INSERT INTO content_conflict (tenant, measure, version, day, content_hash) VALUES (@tenant, @measure, @Version, @day, @ContentHash)
                ON CONFLICT DO NOTHING
                """,
                new { measure = measure.Key.Bytes, measure.Version, day, measure.ContentHash });
        }
    }

    private HashSet<string> ContentsOf(SessionMeasure measure)
    {
        if (!_contents.TryGetValue((measure.Key, measure.Version), out var contents))
        {
            contents = _today.Value.Count == 0 ? []
                : [.. transaction.Connection.ForTenant(tenant).Query<byte[]>(
                    "SELECT content_hash FROM content_conflict WHERE tenant = @tenant AND measure = @measure AND version = @Version AND day = @day",
                    new { measure = measure.Key.Bytes, measure.Version, day = _day }).Select(Convert.ToHexString)];
            _contents.Add((measure.Key, measure.Version), contents);
        }

        return contents;
    }

    // A UTC timestamp begins with its day.
    private static string Today(WriteTransaction transaction) => transaction.Now()[..10];
}
