using Dapper;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions.Identifiers;

/// <summary>Stores the ids of responses that were stored by an identifier before, as far as their measures have them.</summary>
internal sealed class IdentifierMigration(ColumnEncryption encryption) : DataMigration
{
    public override long Number => MigrationNumbers.Identifiers;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction) =>
        [.. transaction.Connection.Query<string>("SELECT DISTINCT tenant FROM measure_version ORDER BY tenant").ToList()
            .Select(tenant => Apply(transaction, tenant))];

    private string Apply(WriteTransaction transaction, string tenant)
    {
        var found = new Dictionary<Pseudonym, (Pseudonym Measure, Pseudonym Patient)?>();
        StoredMeasures.ForEach(transaction, encryption, tenant, (measure, patient, content) =>
        {
            if (content is { Administration: { } bytes, IsCopy: not true } && new Pseudonym(bytes) is var id && id != measure)
            {
                // That of several measures is no id.
                found[id] = found.TryGetValue(id, out var other) && other?.Measure != measure ? null : (measure, patient);
            }
        });
        var identifiers = new MeasureIdentifiers(transaction, tenant);
        var ids = found.Where(f => f.Value is not null).ToList();
        ids.ForEach(f => identifiers.Add(f.Key, f.Value!.Value.Measure, f.Value.Value.Patient));
        return $"Site '{tenant}': {ids.Count} responses are known by their id besides their identifier. Further identifiers of other resources were not "
            + "stored; each is known from the next message on that has it together with the key of its measure.";
    }
}
