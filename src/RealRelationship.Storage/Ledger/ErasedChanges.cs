using System.Data;
using System.Security.Cryptography;

using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

namespace RealRelationship.Storage.Ledger;

/// <summary>Changes with an erased subject. The change of each erasure holds a hash of their numbers,
/// so that no subject can be deleted unexplained.</summary>
public static class ErasedChanges
{
    /// <summary>Deletes the subjects of some changes and records that as a change.</summary>
    public static ChangePosition Erase(WriteTransaction transaction, string tenant, string subject, IReadOnlyList<long> changes)
    {
        var recorded = transaction.RecordChange(tenant, ChangeKind.Erased, subject, 1, _ => ComputeHash(transaction.CreateHash(KeyPurposes.Erasure), changes));
        foreach (var number in changes)
        {
            transaction.Enqueue("DELETE FROM change_subject WHERE number = @number", new { number });
            transaction.Enqueue("INSERT INTO erased_change (number, erasure) VALUES (@number, @erasure)", new { number, erasure = recorded.Number });
        }

        return recorded;
    }

    /// <summary>Numbers of the changes whose missing subject an erasure explains.</summary>
    /// <param name="connection">Connection to read from.</param>
    /// <param name="log">Computes the keyed hashes.</param>
    /// <param name="reportError">Receives each erasure whose list does not match its hash.</param>
    internal static IReadOnlySet<long> Read(IDbConnection connection, ChangeLog log, Action<string> reportError)
    {
        var explained = new HashSet<long>();
        var rows = connection.Query<Row>(
            $"""
            SELECT e.number, e.erasure, s.content_hash AS ContentHash FROM erased_change e
            LEFT JOIN change c ON c.number = e.erasure AND c.kind = '{ChangeKinds.Erased}' LEFT JOIN change_subject s ON s.number = c.number
            ORDER BY e.erasure, e.number
            """);
        foreach (var erasure in rows.GroupBy(row => row.Erasure))
        {
            List<long> numbers = [.. erasure.Select(row => row.Number)];
            if (erasure.First().ContentHash is { } hash
                && CryptographicOperations.FixedTimeEquals(hash, ComputeHash(log.CreateHash(KeyPurposes.Erasure), numbers)))
            {
                explained.UnionWith(numbers);
            }
            else
            {
                reportError($"What is stored of erasure {erasure.Key} is not what it wrote.");
            }
        }

        return explained;
    }

    private static byte[] ComputeHash(KeyedHash hash, IReadOnlyList<long> changes)
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
