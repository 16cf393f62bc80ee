using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions.Disclosure;

/// <summary>Of source systems that share keys, those with patients who are not linked to the others: they may be the same people, so that only the largest
/// of these systems is released.</summary>
/// <param name="transaction">Where to read.</param>
/// <param name="encryption">Decrypts the patients of the site.</param>
/// <param name="tenant">The site.</param>
internal sealed class UnlinkedSystems(WriteTransaction transaction, ColumnEncryption encryption, string tenant)
{
    private readonly Lazy<IReadOnlyList<IReadOnlySet<string>>> _groups = new(() => Read(transaction, encryption, tenant));

    /// <summary>The cells of an association that may be released together.</summary>
    public IReadOnlyList<AssociationState> Select(IReadOnlyList<AssociationState> cells)
    {
        foreach (var group in cells.Count > 1 ? _groups.Value : [])
        {
            var bySystem = cells.Where(c => group.Contains(SystemOf(c))).GroupBy(SystemOf).OrderByDescending(s => s.Sum(c => c.Cohort.Patients))
                .ThenBy(s => s.Key, StringComparer.Ordinal).ToList();
            cells = [.. cells.Except(bySystem.Skip(1).SelectMany(s => s))];
        }

        return cells;
    }

    private static string SystemOf(AssociationState cell) => Provenance.SystemOf(AssociationKey.Parse(cell.Key).Provenance);

    // In each group the systems with an unlinked patient.
    private static List<IReadOnlySet<string>> Read(WriteTransaction transaction, ColumnEncryption encryption, string tenant)
    {
        if (SourceRow.ReadCurrent(transaction.Connection, tenant, transaction.CreateHash)?.ToResponse().Groups is not { Count: > 0 } declared)
        {
            return [];
        }

        var links = StoredLinks.Read(transaction.Connection, tenant);
        var groups = declared
            .Select(g => g.Systems.Select(s => Provenance.SystemOf(transaction.CreateHash, tenant, s)).ToHashSet(StringComparer.Ordinal)).ToList();
        var unlinked = groups.ConvertAll(_ => new HashSet<string>(StringComparer.Ordinal));
        foreach (var (patient, record) in PatientRecords.ReadAll(transaction.Connection, encryption, tenant))
        {
            var (system, keys) = (Provenance.SystemOf(record.Provenance), 1 + links.KeysOf(patient).Count());
            foreach (var (i, group) in groups.Index())
            {
                // The systems of patients of release 0.1 are unknown.
                if ((system.Length == 0 || group.Contains(system)) && keys < group.Count)
                {
                    unlinked[i].Add(system);
                }
            }
        }

        return [.. unlinked];
    }
}
