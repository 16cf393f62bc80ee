using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Tests.Vocabulary;

/// <summary>The check of the whole store, beside the running service.</summary>
internal static class Verifying
{
    /// <summary>What <c>verify</c> finds wrong.</summary>
    public static List<string> Faults(this Service service)
    {
        var faults = new List<string>();
        service.Parts.GetRequiredService<StoreVerifier>().Run(service.Parts.GetRequiredService<Database>(), faults.Add);
        return faults;
    }
}
