namespace RealRelationship.Storage.Postgres;

/// <summary>The highest timeline seen so far. Each promotion begins a new one, so that of two servers which both accept writes
/// the one with the lower number has been replaced.</summary>
internal sealed class PostgresTimeline
{
    /// <summary>SQL expression: the timeline that a primary writes; 0 on a standby. Any role may evaluate it,
    /// and it is current right after a promotion, unlike that of the last checkpoint.</summary>
    public const string Sql =
        "CASE WHEN pg_is_in_recovery() THEN 0 ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint END";

    private long _highest;

    public long Highest => Interlocked.Read(ref _highest);

    /// <summary>Remembers a timeline.</summary>
    /// <returns>Whether no higher one was seen before.</returns>
    public bool Observe(long timeline)
    {
        var highest = Highest;
        while (timeline > highest && Interlocked.CompareExchange(ref _highest, timeline, highest) is var seen && seen != highest)
        {
            highest = seen;
        }

        return timeline >= highest;
    }
}
