using Microsoft.Extensions.DependencyInjection;

using RealRelationship.Storage;
using RealRelationship.Storage.Ledger;

namespace RealRelationshipApi.Tests.Support;

/// <summary>Verifies the whole store while the service runs.</summary>
internal static class StoreVerification
{
    /// <summary>What <c>verify</c> finds wrong.</summary>
    public static List<string> FindIntegrityErrors(this Service service)
    {
        var errors = new List<string>();
        service.Services.GetRequiredService<StoreVerifier>().RunWithSidecars(service.Services.GetRequiredService<Database>(), acceptsHead: false, errors.Add);
        return errors;
    }
}
