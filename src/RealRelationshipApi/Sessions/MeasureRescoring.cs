using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Instruments;
using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;
using RealRelationshipApi.Sessions.Ingest;
using RealRelationshipApi.Sessions.Sources;

namespace RealRelationshipApi.Sessions;

/// <summary>Recomputes the stored scores of an instrument and the sums over them, and records it as one change.</summary>
internal sealed class MeasureRescoring(ColumnEncryption encryption, IOptions<AssociationOptions> options, IOptions<DisclosureOptions> disclosure) : Rescoring
{
    private const int PatientsPerSave = 500;

    public override void Apply(WriteTransaction transaction, string tenant, Instrument instrument)
    {
        var (count, measures) = StoredMeasures.Rewrite(transaction, encryption, tenant,
            content => instrument.Code.Equals(content.Instrument, StringComparison.OrdinalIgnoreCase) ? content.Rescore(instrument) : content);
        if (count == 0)
        {
            return;
        }

        transaction.RecordChange(tenant, ChangeKind.Rescored, $"rescored/{instrument.Code}", instrument.Version,
            _ => transaction.CreateHash(KeyPurposes.Rescored).Add(tenant).Add(instrument.Code).Add(instrument.Version).Add(count).Finish());
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value);
        var links = new KeyLinks(transaction, tenant);
        var linker = new PersonLinker(transaction, encryption, tenant, links, statistics);
        var release = new DisclosureControl(transaction, encryption, tenant, disclosure.Value, options.Value);
        foreach (var patients in measures.GroupBy(m => m.Patient).Chunk(PatientsPerSave))
        {
            foreach (var measure in patients.SelectMany(p => p))
            {
                var person = links.PersonOf(measure.Patient);
                statistics.GetPatient(person).Rescore(linker.Resolve(person, measure.Content.ToPatientScore(measure.Key)));
            }

            release.WithdrawDepleted(statistics.Save().Values);
        }

        release.ReleaseIfSafe(AssociationState.ReadAll(transaction.Connection, encryption, tenant));
    }
}
