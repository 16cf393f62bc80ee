using System.Data;

using RealRelationship.Storage;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Problems;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Refusals;

/// <summary>Number of refused measures of a site by day (UTC) and error code. Nothing of what was sent is stored.</summary>
/// <remarks>What could not be divided into measures (a session, a row, a resource, a whole file) counts once, each for its first error.</remarks>
internal sealed class RefusalCounts(GroupCommitWriter writer)
{
    /// <summary>Days for which counts are kept.</summary>
    public const int MaxDays = 366;

    /// <summary>Counts a request that was refused as a whole, or parts of one that never reached the store.</summary>
    /// <remarks>A store that takes no writes does not hide the error from the sender.</remarks>
    public async Task RecordAsync(string tenant, IReadOnlyList<string> reasons, CancellationToken cancellationToken)
    {
        try
        {
            await writer.WriteAsync(transaction =>
            {
                Record(transaction, tenant, reasons);
                return true;
            }, cancellationToken);
        }
        catch (StorageUnavailableException)
        {
            // The count is lost.
        }
    }

    /// <inheritdoc cref="RecordAsync(string,IReadOnlyList{string},CancellationToken)"/>
    public async Task<Problem> RecordAsync(string tenant, Problem problem, CancellationToken cancellationToken)
    {
        await RecordAsync(tenant, [problem.Errors is [var first, ..] ? first.Code : problem.Kind.Slug], cancellationToken);
        return problem;
    }

    /// <summary>Counts what a transaction refuses, even if it stores nothing else.</summary>
    public static void Record(WriteTransaction transaction, string tenant, IReadOnlyList<SessionOutcome> outcomes) =>
        Record(transaction, tenant, [.. outcomes.SelectMany(ReasonsOf)]);

    /// <summary>The counts of days from a given one, by day and reason.</summary>
    public static IReadOnlyList<RefusalCount> Read(IDbConnection connection, string tenant, string from) => connection.ForTenant(tenant).Query<RefusalCount>(
        "SELECT day, reason, refused AS Count FROM refusal_count WHERE tenant = @tenant AND day >= @from ORDER BY day, reason", new { from });

    private static void Record(WriteTransaction transaction, string tenant, IReadOnlyList<string> reasons)
    {
        if (reasons.Count == 0)
        {
            return;
        }

        var today = UtcTimestamp.Parse(transaction.Now());
        var (day, oldest) = (DayOf(today), DayOf(today.AddDays(1 - MaxDays)));
        transaction.ForTenant(tenant).Enqueue("DELETE FROM refusal_count WHERE tenant = @tenant AND day < @oldest", new { oldest });
        foreach (var (reason, count) in reasons.CountBy(r => r))
        {
            transaction.ForTenant(tenant).Enqueue(
                """
                INSERT INTO refusal_count (tenant, day, reason, refused) VALUES (@tenant, @day, @reason, @count)
                ON CONFLICT (tenant, day, reason) DO UPDATE SET refused = refusal_count.refused + excluded.refused
                """, new { day, reason, count = (long)count });
        }
    }

    // A UTC timestamp begins with its day.
    private static string DayOf(DateTimeOffset instant) => UtcTimestamp.ToText(instant)[..10];

    // Measures that were not stored because of others of an atomic request have no error of their own.
    private static IEnumerable<string> ReasonsOf(SessionOutcome outcome) => outcome.Errors is [var own, ..] ? [own.Code]
        : outcome.Measures.Select(m => m.Outcome.Errors).Where(errors => errors.Count > 0).Select(errors => errors[0].Code);
}

/// <param name="Day">Day in UTC, as yyyy-MM-dd.</param>
/// <param name="Reason">Error code.</param>
/// <param name="Count">Number of refused measures.</param>
internal sealed record RefusalCount(string Day, string Reason, long Count);
