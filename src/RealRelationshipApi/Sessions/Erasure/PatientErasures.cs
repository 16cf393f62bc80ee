using Microsoft.Extensions.Options;

using RealRelationshipApi.Sessions.StageOne;
using RealRelationshipApi.Storage;

namespace RealRelationshipApi.Sessions.Erasures;

/// <summary>Erases patients on the writer's thread, and remembers them outside of the store before the erasure is committed.</summary>
internal sealed class PatientErasures(Writer writer, Sealer sealer, ErasureList list, IOptions<SessionOptions> options)
{
    public Task<Erased> EraseAsync(string tenant, Pseudonym patient, CancellationToken cancellationToken) => writer.WriteAsync(transaction =>
    {
        var book = new SumBook(transaction, sealer, tenant, options.Value);
        var erased = new Erasure(transaction, tenant, book).Erase(patient);
        if (erased.Versions > 0)
        {
            book.Save();
            list.Add(tenant, patient);
        }

        return erased;
    }, cancellationToken);
}
