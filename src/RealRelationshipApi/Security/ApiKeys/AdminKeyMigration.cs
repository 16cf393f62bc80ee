using RealRelationship.Storage.Migrations;
using RealRelationship.Storage.Writing;

namespace RealRelationshipApi.Security.ApiKeys;

/// <summary>Reports the keys of release 0.1 that lose <c>studies:review</c> and the rights of an operator, which <c>admin</c> included.</summary>
internal sealed class AdminKeyMigration(TimeProvider clock) : DataMigration
{
    public override long Number => ApiKeyStore.AdminMigration;

    public override IReadOnlyList<string> Apply(WriteTransaction transaction) =>
        ApiKeyStore.ListOfRelease01(transaction.Connection).Where(key => key.IsActive(clock.GetUtcNow()) && key.LacksScopesOfAdmin01).ToList()
            is { Count: > 0 } keys
            ? [$"{keys.Count} keys with scope admin no longer include studies:review and operator: {string.Join(", ", keys.Select(key => key.Id))}."]
            : [];
}
