using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Erases patients in a write transaction, after appending them to the erasure list.</summary>
internal sealed class ErasureService(GroupCommitWriter writer, ColumnEncryption encryption, ErasureList list, IOptions<AssociationOptions> options)
{
    public Task<ErasureResult> EraseAsync(string tenant, Pseudonym patient, CancellationToken cancellationToken) => writer.WriteAsync(transaction =>
    {
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value);
        var erased = new PatientEraser(transaction, tenant, statistics).Erase(patient);
        if (erased.Versions > 0)
        {
            statistics.Save();
            list.Add(StoreIdentity.Read(transaction.Connection, transaction.Log), tenant, patient);
        }

        return erased;
    }, cancellationToken);
}
