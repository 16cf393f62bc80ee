using System.Diagnostics;

namespace Faults.Clusters;

/// <summary>Finds writes that can be read from a primary although no standby has received them.</summary>
internal static class ReplicationCheck
{
    private static readonly TimeSpan s_pollInterval = TimeSpan.FromMilliseconds(200);

    // The position in the log is after the commit of what is visible.
    private const string VisibleSql =
        "SELECT CASE WHEN pg_is_in_recovery() THEN NULL ELSE pg_current_wal_insert_lsn()::text END FROM study_version WHERE study_key = @key";

    private const string ReplicatedSql = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= @position::pg_lsn";

    /// <summary>The primary on which a study is visible without a standby that received it within the grace period; null if there is none.</summary>
    /// <remarks>The period covers a primary that has just been started again, and whose standbys have yet to reconnect.</remarks>
    public static async Task<PatroniNode?> FindUnreplicatedAsync(IEnumerable<PatroniNode> nodes, string key, TimeSpan grace)
    {
        foreach (var node in nodes)
        {
            if (await node.QueryAsync(VisibleSql, ("key", key)) is [{ Length: > 0 } position] && !await IsReplicatedAsync(node, position, grace))
            {
                return node;
            }
        }

        return null;
    }

    private static async Task<bool> IsReplicatedAsync(PatroniNode node, string position, TimeSpan grace)
    {
        for (var started = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(started) < grace; await Task.Delay(s_pollInterval))
        {
            // A server that does not respond any more shows the write to nobody.
            if (await node.QueryAsync(ReplicatedSql, ("position", position)) is not ["0"])
            {
                return true;
            }
        }

        return false;
    }
}
