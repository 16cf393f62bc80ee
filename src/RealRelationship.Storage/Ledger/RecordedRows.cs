using System.Security.Cryptography;

namespace RealRelationship.Storage.Ledger;

/// <summary>A stored row that one change of the log wrote.</summary>
/// <param name="Name">The row in messages, such as "Release 3 of site 'north'".</param>
/// <param name="Tenant">Tenant that wrote it.</param>
/// <param name="Subject">Its subject in the log.</param>
/// <param name="Version">Its version in the log; null for the latest one.</param>
/// <param name="Hash">Keyed hash of its content; null if the change says all that the row does.</param>
public sealed record RecordedRow(string Name, string Tenant, string Subject, long? Version, byte[]? Hash)
{
    /// <summary>The hash of a row that carries it in a column, too; that of no change if the two differ.</summary>
    public static byte[] HashOf(byte[] computed, byte[] stored) => CryptographicOperations.FixedTimeEquals(computed, stored) ? computed : [];
}

/// <summary>Compares rows with the changes that wrote them, one to one.</summary>
public static class RecordedRows
{
    /// <param name="rows">All rows of a table.</param>
    /// <param name="written">The changes that wrote them, in order: all versions, or the latest one of each subject.</param>
    /// <param name="name">A missing row in messages.</param>
    /// <param name="result">Receives the errors.</param>
    public static void Compare(IEnumerable<RecordedRow> rows, IEnumerable<LoggedChange> written, Func<LoggedChange, string> name, VerificationResult result)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(written);
        ArgumentNullException.ThrowIfNull(result);
        var changes = new Dictionary<(string Tenant, string Subject, long? Version), LoggedChange>();
        foreach (var change in written)
        {
            if (!changes.TryAdd(KeyOf(change, withVersion: true), change))
            {
                result.AddError($"{name(change)} was written by more than one change; the last is {change.Entry.Number}.");
            }
        }

        var latest = changes.Values.ToLookup(change => KeyOf(change, withVersion: false));
        foreach (var row in rows)
        {
            var key = (row.Tenant, row.Subject, row.Version);
            var change = row.Version is null ? latest[key].MaxBy(c => c.Subject.Version) : changes.GetValueOrDefault(key);
            if (change is null)
            {
                result.AddError($"{row.Name} is stored, but the log knows nothing of it.");
            }
            else if (!changes.Remove(KeyOf(change, withVersion: true)))
            {
                result.AddError($"{row.Name} is stored twice.");
            }
            else if (row.Hash is { } hash && !CryptographicOperations.FixedTimeEquals(hash, change.Subject.ContentHash))
            {
                result.AddError($"{row.Name} is not what change {change.Entry.Number} wrote.");
            }
        }

        foreach (var missing in changes.Values)
        {
            result.AddError($"{name(missing)} is missing: change {missing.Entry.Number} wrote it.");
        }
    }

    private static (string, string, long?) KeyOf(LoggedChange change, bool withVersion) =>
        (change.Entry.Tenant, change.Subject.Subject, withVersion ? change.Subject.Version : null);
}
