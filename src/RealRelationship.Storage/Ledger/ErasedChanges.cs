using System.Data;
using System.Security.Cryptography;

using Dapper;

namespace RealRelationshipApi.Storage;

/// <summary>Changes of which an erasure took the subject: each erasure's own change holds a hash of their numbers, so that no subject can go missing unexplained.</summary>
internal static class ErasedChanges
{
    private const string Purpose = "erasure";

    /// <summary>Takes the subjects of some changes out of the log, and records that as a change of its own.</summary>
    public static Recorded Erase(WriteTransaction transaction, string tenant, string subject, IReadOnlyList<long> changes)
    {
        var recorded = transaction.Record(tenant, ChangeKind.Erased, subject, 1, _ => HashOf(transaction.Hash(Purpose), changes));
        foreach (var number in changes)
        {
            transaction.Connection.Execute("DELETE FROM change_subject WHERE number = @number", new { number });
            transaction.Connection.Execute("INSERT INTO erased_change (number, erasure) VALUES (@number, @erasure)", new { number, erasure = recorded.Number });
        }

        return recorded;
    }

    /// <summary>Every change whose subject an erasure explains.</summary>
    /// <param name="connection">Where to read.</param>
    /// <param name="log">Knows the key.</param>
    /// <param name="fault">Told of each erasure that does not say what is stored of it.</param>
    public static IReadOnlySet<long> Read(IDbConnection connection, ChangeLog log, Action<string> fault)
    {
        var explained = new HashSet<long>();
        var rows = connection.Query<Row>(
            """
            SELECT e.number, e.erasure, s.content_hash AS ContentHash FROM erased_change e
            LEFT JOIN change c ON c.number = e.erasure AND c.kind = 'erased' LEFT JOIN change_subject s ON s.number = c.number
            ORDER BY e.erasure, e.number
            """);
        foreach (var erasure in rows.GroupBy(row => row.Erasure))
        {
            List<long> numbers = [.. erasure.Select(row => row.Number)];
            if (erasure.First().ContentHash is { } hash && CryptographicOperations.FixedTimeEquals(hash, HashOf(log.Hash(Purpose), numbers)))
            {
                explained.UnionWith(numbers);
            }
            else
            {
                fault($"What is stored of erasure {erasure.Key} is not what it wrote.");
            }
        }

        return explained;
    }

    private static byte[] HashOf(KeyedHash hash, IReadOnlyList<long> changes)
    {
        hash.Add((long)changes.Count);
        foreach (var number in changes)
        {
            hash.Add(number);
        }

        return hash.Finish();
    }

    private sealed record Row(long Number, long Erasure, byte[]? ContentHash);
}
