using System.Data;

using Dapper;

using Microsoft.Extensions.Options;

using RealRelationship.Storage;
using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Http.Json;
using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Ingest;

namespace RealRelationshipApi.Sessions;

/// <summary>Recomputes stage 1 of a store of release 0.1.</summary>
/// <remarks>
/// <code>
/// contents  SRS counts as alliance, CSQ-8 as satisfaction; items of CORE-10 and OQ-45 are held until the site declares how it sends them
/// records   numbers of earlier versions; session numbers count sessions, no longer questionnaires between them
/// sums      the difference to those of release 0.1
/// release   a new one without cells that are not released any more
/// </code>
/// </remarks>
internal sealed class StageOneMigration(ColumnEncryption encryption, IOptions<AssociationOptions> options, IOptions<DisclosureOptions> disclosure)
    : DataMigration
{
    private const int PageLength = 500;

    // Instruments whose construct release 0.1 had otherwise. A code that is built in since may have been a site's own.
    private static readonly string[] s_reclassified = ["csq-8", "srs"];

    public override long Number => 8;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction) =>
    [
        .. transaction.Connection.Query<string>(
                "SELECT tenant FROM measure_version UNION SELECT tenant FROM patient_record UNION SELECT tenant FROM release ORDER BY tenant").ToList()
            .SelectMany(tenant => Apply(transaction, tenant)),
    ];

    private List<string> Apply(WriteTransaction transaction, string tenant)
    {
        var constructs = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var undeclared = new SortedDictionary<string, long>(StringComparer.Ordinal);
        StoredMeasures.Rewrite(transaction, encryption, tenant, content =>
        {
            if (content.IsItemsAsUndeclared)
            {
                undeclared[content.Instrument!] = undeclared.GetValueOrDefault(content.Instrument!) + 1;
            }

            if (content.Instrument is null || !s_reclassified.Contains(content.Instrument)
                || BuiltInInstruments.FindByCode(content.Instrument) is not { } builtIn || builtIn.Construct == content.Construct)
            {
                return content;
            }

            constructs[builtIn.Code] = constructs.GetValueOrDefault(builtIn.Code) + 1;
            return content with { Construct = builtIn.Construct };
        });
        foreach (var instrument in undeclared.Keys)
        {
            UndeclaredItems.Add(transaction, tenant, instrument);
        }

        RebuildRecords(transaction, tenant);
        var withdrawn = new DisclosureControl(transaction, encryption, tenant, disclosure.Value, options.Value).WithdrawUnreleasable();
        List<string> changes =
        [
            .. constructs.Select(c => $"Site '{tenant}': {c.Value} scores of {c.Key} count as {ConstructOf(c.Key)}."),
            .. undeclared.Select(c => $"Site '{tenant}': {c.Value} scores of {c.Key} were computed from items, which may be printed numbers or raw answers. "
                + "They take no part until the site declares itemsAs with POST /instruments."),
            .. withdrawn > 0 ? [$"Site '{tenant}': {withdrawn} associations with an instrument that is no outcome left the release."] : Array.Empty<string>(),
        ];
        transaction.RecordChange(tenant, ChangeKind.Rescored, $"migration/{Number}", Number,
            _ => changes.Aggregate(transaction.CreateHash(KeyPurposes.Rescored).Add(tenant), (hash, change) => hash.Add(change)).Finish());
        return changes;
    }

    private static string ConstructOf(string instrument) => EnumNames<Construct>.Of(BuiltInInstruments.FindByCode(instrument)!.Construct);

    private void RebuildRecords(WriteTransaction transaction, string tenant)
    {
        transaction.ForTenant(tenant).Enqueue("DELETE FROM site_count WHERE tenant = @tenant");
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value, fromRelease01: true);
        for (var patients = CurrentMeasureRow.ReadPatients(transaction.Connection, tenant, [], PageLength); patients.Count > 0;
            patients = CurrentMeasureRow.ReadPatients(transaction.Connection, tenant, patients[^1], PageLength))
        {
            var current = CurrentMeasureRow.ReadOf(transaction.Connection, tenant, patients[0], patients[^1]).ToLookup(row => new Pseudonym(row.Patient));
            foreach (var patient in patients.ConvertAll(bytes => new Pseudonym(bytes)))
            {
                var record = statistics.GetPatient(patient);
                record.Clear();
                foreach (var row in current[patient])
                {
                    record.Put(row.ToPatientScore(encryption, tenant));
                }
            }

            statistics.Save();
        }
    }
}
