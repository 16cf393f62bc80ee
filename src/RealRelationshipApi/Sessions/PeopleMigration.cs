using System.Data;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Separates the patients of a store of release 0.1, which counted keys, from later ones.</summary>
/// <remarks>Release 0.1 did not store who had sent a patient: a site's patients are one lineage. If they come from several source systems, which may be the
/// same people under several keys, what they were released in stays only if one system alone reaches the threshold, and they are in no later release.</remarks>
internal sealed class PeopleMigration(ColumnEncryption encryption, IOptions<AssociationOptions> options, IOptions<DisclosureOptions> disclosure) : DataMigration
{
    private const int PageLength = 500;

    public override long Number => 12;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction) =>
        [.. transaction.Connection.Query<string>("SELECT DISTINCT tenant FROM measure_version ORDER BY tenant").ToList()
            .SelectMany(tenant => Apply(transaction, tenant))];

    private IEnumerable<string> Apply(WriteTransaction transaction, string tenant)
    {
        var systems = ReadSystems(transaction.Connection, tenant);
        if (systems.Count == 0)
        {
            yield break;
        }

        yield return $"Site '{tenant}': its {systems.Count} patients count as those of one sender; later ones count for the key and the source system "
            + "that first send them.";
        if (systems.Values.Distinct(StringComparer.Ordinal).Count() > 1)
        {
            var withdrawn = new DisclosureControl(transaction, encryption, tenant, disclosure.Value, options.Value).RetireRelease01(systems);
            yield return $"Site '{tenant}': its patients come from several source systems and may be the same people. They are in no later release; "
                + $"{withdrawn} associations that no system alone has enough patients for left all releases.";
        }
    }

    // Source system of each patient.
    private Dictionary<Pseudonym, string> ReadSystems(IDbConnection connection, string tenant)
    {
        var systems = new Dictionary<Pseudonym, string>();
        for (var patients = CurrentMeasureRow.ReadPatients(connection, tenant, [], PageLength); patients.Count > 0;
            patients = CurrentMeasureRow.ReadPatients(connection, tenant, patients[^1], PageLength))
        {
            foreach (var row in CurrentMeasureRow.ReadOf(connection, tenant, patients[0], patients[^1]))
            {
                systems[new(row.Patient)] = MeasureContent.FromBytes(
                    encryption.Decrypt(row.Content, tenant, EncryptedRowPaths.Measure(new(row.Measure), row.Version, withdraws: false))).SourceSystem;
            }
        }

        return systems;
    }
}
