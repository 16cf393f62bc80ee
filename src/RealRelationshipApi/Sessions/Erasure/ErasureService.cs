using Microsoft.Extensions.Options;

using RealRelationship.Storage.Encryption;
using RealRelationship.Storage.Ledger;
using RealRelationship.Storage.Writing;

using RealRelationshipApi.Sessions.Associations;
using RealRelationshipApi.Sessions.Disclosure;

namespace RealRelationshipApi.Sessions.Erasure;

/// <summary>Erases patients in a write transaction, after appending them to the erasure list.</summary>
internal sealed class ErasureService(GroupCommitWriter writer, ColumnEncryption encryption, ErasureList list, IOptions<AssociationOptions> options,
    IOptions<DisclosureOptions> disclosure)
{
    public Task<ErasureResult> EraseAsync(string tenant, IReadOnlyList<Pseudonym> keys, CancellationToken cancellationToken) => writer.WriteAsync(transaction =>
    {
        var statistics = new SufficientStatistics(transaction, encryption, tenant, options.Value);
        var eraser = new PatientEraser(transaction, tenant, statistics);
        var erased = eraser.Erase(keys);
        if (eraser.Erased.Count > 0)
        {
            var changed = statistics.Save();
            new DisclosureControl(transaction, encryption, tenant, disclosure.Value, options.Value).WithdrawDepleted(changed.Values);
            var store = StoreIdentity.Read(transaction.Connection, transaction.Log);
            eraser.Erased.ForEach(patient => list.Add(store, tenant, patient));
        }

        return erased;
    }, cancellationToken);
}
