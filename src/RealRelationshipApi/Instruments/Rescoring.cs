using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Instruments;

/// <summary>Recomputes stored scores after a declaration has changed their meaning.</summary>
internal abstract class Rescoring
{
    /// <param name="transaction">The transaction of the declaration.</param>
    /// <param name="tenant">The site.</param>
    /// <param name="instrument">The version that was declared.</param>
    public abstract void Apply(WriteTransaction transaction, string tenant, Instrument instrument);
}
